"""Generated classes, one module a schema: commerce, core, energy, finance, governance, health,
logistics, mobility, provenance. Do not edit."""
