"""Generated classes, one module a schema: city, commerce, consumer_data, core, energy, finance,
governance, health, industry, logistics, materials, mobility, omop, passport, property,
provenance, scheduling, telecom. Do not edit."""
