"""Generated classes, one module a schema: commerce, core, energy, finance, health, logistics,
materials, mobility, provenance. Do not edit."""
