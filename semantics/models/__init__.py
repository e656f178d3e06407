"""Generated classes, one module a schema: core, finance, health, mobility. Do not edit."""
