"""Generated classes, one module a schema: commerce, core, energy, finance, health, mobility,
provenance. Do not edit."""
