"""Generated classes, one module a schema: health. Do not edit."""
