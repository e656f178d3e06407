"""Generated classes, one module a schema: health, omop. Do not edit."""
