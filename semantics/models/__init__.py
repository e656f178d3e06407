"""Generated classes, one module a schema: city, health. Do not edit."""
