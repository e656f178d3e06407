"""Generated classes, one module a schema: health, industry, logistics, materials, passport. Do not
edit."""
