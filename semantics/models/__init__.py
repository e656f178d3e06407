"""Generated classes, one module a schema: city, commerce, core, energy, finance, governance,
health, logistics, materials, mobility, passport, property, provenance. Do not edit."""
