"""Generated classes, one module a schema: energy. Do not edit."""
