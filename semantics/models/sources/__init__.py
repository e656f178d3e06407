"""Generated classes, one module a schema: epcis, ngsi, pdtf. Do not edit."""
