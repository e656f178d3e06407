"""Generated classes, one module a schema: city, mobility, property. Do not edit."""
