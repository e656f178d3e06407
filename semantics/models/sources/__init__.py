"""Generated classes, one module a schema: catena_x, cdr, gs1_product, pdtf, uk_epc. Do not edit."""
