"""Generated classes, one module a schema: commerce, core, energy, finance, health, logistics,
mobility, provenance. Do not edit."""
