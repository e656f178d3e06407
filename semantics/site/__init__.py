"""A static site of a workspace: its models, mappings, code lists, links, examples, tests and the last ledger.

What is in the workspace is gathered into frozen pages (data), and templates make files of these. Nothing of a
schema, mapping or record gets into a page but as text.
"""
