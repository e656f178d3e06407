"""Generated classes, one module a schema: core, finance, health, logistics, mobility, provenance.
Do not edit."""
