"""Generated classes, one module a schema: ngsi, odrl, prov. Do not edit."""
