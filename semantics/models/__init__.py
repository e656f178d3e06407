"""Generated classes, one module a schema: industry, logistics, scheduling. Do not edit."""
