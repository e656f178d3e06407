"""Generated classes, one module a schema: dcsa, tmforum. Do not edit."""
