"""The expression language: text in, a checked and typed tree out; nothing is ever evaluated by Python.

``parse`` turns text into :mod:`~semantics.expressions.tree` nodes from an allow-list, ``check`` resolves
every name and type, :mod:`~semantics.expressions.operators` and
:mod:`~semantics.expressions.functions` say what each node means. The backends carry it out.
"""
