"""Generated classes, one module a schema: dpp, epcis, pdtf, uk_epc. Do not edit."""
