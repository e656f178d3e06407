"""Generated classes, one module a schema: logistics, property. Do not edit."""
