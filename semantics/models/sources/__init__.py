"""Generated classes, one module a schema: battery_pass, camt, cii_invoice, dcsa, epcis, espi,
fhir_r4, gbfs, gtfs, open_banking, optimade, siri, ubl_invoice, uncefact_types. Do not edit."""
