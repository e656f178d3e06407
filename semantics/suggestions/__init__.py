"""Suggestions: what corresponds to what in two schemas, with the evidence that says so, and a draft mapping of it."""
