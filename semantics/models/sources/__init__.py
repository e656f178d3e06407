"""Generated classes, one module a schema: battery_pass, camt, catena_x, epcis, fhir_r4, gtfs,
open_banking, optimade. Do not edit."""
