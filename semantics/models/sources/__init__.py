"""Generated classes, one module a schema: epcis, pdtf. Do not edit."""
