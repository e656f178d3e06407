"""Generated classes, one module a schema: gbfs, siri. Do not edit."""
