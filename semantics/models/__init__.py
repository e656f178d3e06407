"""Generated classes, one module a schema: core, finance, health, mobility, provenance. Do not
edit."""
