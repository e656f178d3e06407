"""Generated classes, one module a schema: city, commerce, core, energy, finance, governance,
health, industry, logistics, materials, mobility, passport, provenance, scheduling, telecom. Do
not edit."""
