"""Generated classes, one module a schema: battery_pass, camt, cii_invoice, epcis, fhir_r4, gtfs,
ngsi, open_banking, optimade, ubl_invoice, uncefact_types. Do not edit."""
