"""Generated classes, one module a schema: camt, dcsa, epcis, fhir_r4, gtfs, open_banking. Do not
edit."""
