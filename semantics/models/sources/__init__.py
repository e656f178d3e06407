"""Generated classes, one module a schema: cdr, dpp, epcis. Do not edit."""
