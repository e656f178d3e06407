"""Generated classes, one module a schema: epcis. Do not edit."""
