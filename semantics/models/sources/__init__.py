"""Generated classes, one module a schema: open_banking. Do not edit."""
