"""Generated classes, one module a schema: ngsi. Do not edit."""
