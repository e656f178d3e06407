"""Generated classes, one module a schema: commerce, consumer_data, core, energy, finance,
governance, health, logistics, materials, mobility, provenance. Do not edit."""
