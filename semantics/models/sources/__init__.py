"""Generated classes, one module a schema: cdr. Do not edit."""
