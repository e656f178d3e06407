"""Generated classes, one module a schema: catena_x. Do not edit."""
