"""Generated classes, one module a schema: camt, fhir_r4, gtfs, ngsi, open_banking. Do not edit."""
