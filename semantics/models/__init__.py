"""Generated classes, one module a schema: consumer_data, finance. Do not edit."""
