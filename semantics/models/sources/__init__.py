"""Generated classes, one module a schema: epcis, gbfs, pdtf, siri, uk_epc. Do not edit."""
