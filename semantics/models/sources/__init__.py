"""Generated classes, one module a schema: battery_pass, camt, cii_invoice, epcis, espi, fhir_r4,
gtfs, open_banking, optimade, tmforum, ubl_invoice, uncefact_types. Do not edit."""
