"""Generated classes, one module a schema: city, consumer_data, energy, finance. Do not edit."""
