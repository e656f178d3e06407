"""Generated classes, one module a schema: city, commerce, consumer_data, core, energy, finance,
governance, health, logistics, materials, mobility, passport, provenance. Do not edit."""
