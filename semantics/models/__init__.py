"""Generated classes, one module a schema: commerce, telecom. Do not edit."""
