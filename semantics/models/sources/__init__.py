"""Generated classes, one module a schema: fhir_r4. Do not edit."""
