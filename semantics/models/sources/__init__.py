"""Generated classes, one module a schema: catena_x, dcsa, dpp, espi. Do not edit."""
