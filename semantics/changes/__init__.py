"""Two versions of a model compared: what changed, for whom that breaks something, and what version it asks for."""
