"""Generated classes, one module a schema: catena_x, gs1_product, pdtf, uk_epc. Do not edit."""
