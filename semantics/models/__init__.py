"""Generated classes, one module a schema: property. Do not edit."""
