"""Generated classes, one module a schema: battery_pass, camt, cdr, cii_invoice, epcis, espi,
fhir_r4, gtfs, open_banking, optimade, ubl_invoice, uncefact_types. Do not edit."""
