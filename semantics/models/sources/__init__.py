"""Generated classes, one module a schema: epcis, ngsi. Do not edit."""
