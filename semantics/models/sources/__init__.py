"""Generated classes, one module a schema: dpp, epcis, gs1_product. Do not edit."""
