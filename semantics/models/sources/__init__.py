"""Generated classes, one module a schema: catena_x, cdr, fhir_r4, gs1_product, ngsi, pdtf, uk_epc.
Do not edit."""
