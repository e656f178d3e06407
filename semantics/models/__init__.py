"""Generated classes, one module a schema: logistics, materials. Do not edit."""
