"""What editors need: JSON Schemas of the files that people write, and a language server for them."""
