"""Checks of schemas and mappings before anything is run; findings as text, JSON or SARIF."""
