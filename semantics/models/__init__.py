"""Generated classes, one module a schema: governance. Do not edit."""
