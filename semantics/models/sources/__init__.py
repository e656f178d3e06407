"""Generated classes, one module a schema: catena_x, dpp. Do not edit."""
