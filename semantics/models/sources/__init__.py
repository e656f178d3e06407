"""Generated classes, one module a schema: camt, cdr, fhir_r4, gtfs, open_banking. Do not edit."""
