"""Generated classes, one module a schema: battery_pass, camt, epcis, espi, fhir_r4, gtfs,
open_banking, optimade. Do not edit."""
