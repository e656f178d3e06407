"""Generated classes, one module a schema: mobility. Do not edit."""
