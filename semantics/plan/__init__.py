"""The Plan: a mapping with nothing left to resolve. Backends and exporters consume it, never the YAML."""
