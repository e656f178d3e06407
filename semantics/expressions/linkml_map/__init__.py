"""The expressions of linkml-map 0.5: its syntax, its nulls, its coercions, its functions; within our bounds.

Everything here is a description of that tool's behaviour in our own words, carried out on our own tree:
no expression ever reaches Python's evaluator, an attribute of a host object or a method outside a table.
"""
