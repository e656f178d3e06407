"""Generated classes, one module a schema: city, commerce, core, energy, finance, governance,
health, logistics, materials, mobility, passport, provenance, telecom. Do not edit."""
