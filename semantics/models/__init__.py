"""Generated classes, one module a schema: city, mobility. Do not edit."""
