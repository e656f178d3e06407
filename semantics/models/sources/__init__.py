"""Generated classes, one module a schema: catena_x, epcis, gbfs, siri. Do not edit."""
