"""Generated classes, one module a schema: health, industry, logistics, scheduling. Do not edit."""
