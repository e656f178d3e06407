"""Generated classes, one module a schema: dcsa, pdtf, uk_epc. Do not edit."""
