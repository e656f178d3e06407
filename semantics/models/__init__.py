"""Generated classes, one module a schema: city. Do not edit."""
