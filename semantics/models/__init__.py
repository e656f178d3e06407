"""Generated classes, one module a schema: materials, passport. Do not edit."""
