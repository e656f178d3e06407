"""Generated classes, one module a schema: battery_pass, camt, cii_invoice, epcis, espi, fhir_r4,
gtfs, open_banking, optimade, pdtf, ubl_invoice, uk_epc, uncefact_types. Do not edit."""
