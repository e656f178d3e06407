"""Generated classes, one module a schema: commerce, consumer_data, property, telecom. Do not edit."""
