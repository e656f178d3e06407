"""Generated classes, one module a schema: city, commerce, core, energy, finance, governance,
health, logistics, materials, mobility, omop, passport, provenance. Do not edit."""
