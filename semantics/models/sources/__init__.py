"""Generated classes, one module a schema: dcsa, espi, fhir_r4. Do not edit."""
