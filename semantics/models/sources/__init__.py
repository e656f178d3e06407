"""Generated classes, one module a schema: fhir_r4, gtfs, open_banking. Do not edit."""
