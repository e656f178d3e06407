"""Generated classes, one module a schema: camt, cii_invoice, fhir_r4, gtfs, open_banking,
ubl_invoice, uncefact_types. Do not edit."""
