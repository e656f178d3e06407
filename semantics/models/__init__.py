"""Generated classes, one module a schema: industry, logistics, materials, passport. Do not edit."""
