"""Generated classes, one module a schema: city, commerce, consumer_data, energy, finance,
property, telecom. Do not edit."""
