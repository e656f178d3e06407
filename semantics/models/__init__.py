"""Generated classes, one module a schema: commerce, core, finance, health, mobility, provenance.
Do not edit."""
