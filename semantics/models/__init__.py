"""Generated classes, one module a schema: city, energy, logistics, omop. Do not edit."""
