"""Generated classes, one module a schema: city, commerce, consumer_data, core, energy, finance,
governance, health, industry, logistics, materials, mobility, passport, provenance, scheduling,
telecom. Do not edit."""
