"""Generated classes, one module a schema: commerce, governance, telecom. Do not edit."""
