"""Generated classes, one module a schema: dpp. Do not edit."""
