"""Generated classes, one module a schema: battery_pass, camt, catena_x, cdr, cii_invoice,
dataspace, dcat, dcsa, dpp, epcis, espi, fhir_r4, gbfs, gs1_product, gtfs, ngsi, odrl,
open_banking, optimade, pdtf, prov, siri, tmforum, ubl_invoice, uk_epc, uncefact_types. Do not
edit."""
