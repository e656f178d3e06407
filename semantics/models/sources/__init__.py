"""Generated classes, one module a schema: dcsa, dpp, tmforum. Do not edit."""
