"""Generated classes, one module a schema: dpp, uk_epc. Do not edit."""
