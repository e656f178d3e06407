"""Generated classes, one module a schema: uk_epc. Do not edit."""
