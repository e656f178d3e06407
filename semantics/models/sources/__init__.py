"""Generated classes, one module a schema: camt, fhir_r4, gtfs, open_banking, optimade. Do not
edit."""
