"""Generated classes, one module a schema. Do not edit."""
