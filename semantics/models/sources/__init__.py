"""Generated classes, one module a schema: catena_x, pdtf, uk_epc. Do not edit."""
