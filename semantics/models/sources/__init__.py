"""Generated classes, one module a schema: tmforum. Do not edit."""
