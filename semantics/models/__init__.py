"""Generated classes, one module a schema: city, commerce, consumer_data, energy, finance, health,
omop, property, telecom. Do not edit."""
