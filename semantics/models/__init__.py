"""Generated classes, one module a schema: core, energy, finance, health, mobility, provenance. Do
not edit."""
