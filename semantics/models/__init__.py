"""Generated classes, one module a schema: finance. Do not edit."""
