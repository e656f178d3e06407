"""Sinks ``sqlite``, ``duckdb`` and ``postgresql``: tables that are made from the model.

:mod:`~semantics.sinks.sql.design` says which tables and columns a model has, :mod:`~semantics.sinks.sql.ddl` writes
that as SQL, :mod:`~semantics.sinks.sql.rows` makes rows of instances, and a module for each database fills its tables.
"""
