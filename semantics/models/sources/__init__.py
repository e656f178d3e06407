"""Generated classes, one module a schema: battery_pass, camt, catena_x, cii_invoice, dataspace,
dcat, dcsa, dpp, epcis, espi, fhir_r4, gbfs, gtfs, ngsi, open_banking, optimade, siri, tmforum,
ubl_invoice, uncefact_types. Do not edit."""
