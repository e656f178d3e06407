"""Generated classes, one module a schema: city, commerce, core, energy, finance, governance,
health, logistics, mobility, provenance. Do not edit."""
