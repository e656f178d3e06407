"""Generated classes, one module a schema: odrl, prov. Do not edit."""
