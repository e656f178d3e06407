"""Generated classes, one module a schema: city, energy, industry, logistics, materials, passport,
scheduling. Do not edit."""
