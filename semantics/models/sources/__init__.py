"""Generated classes, one module a schema: battery_pass, camt, catena_x, cii_invoice, dataspace,
dcat, dcsa, epcis, espi, fhir_r4, gtfs, ngsi, open_banking, optimade, pdtf, tmforum,
ubl_invoice, uk_epc, uncefact_types. Do not edit."""
