"""Mapping specifications: YAML with line marks in, a frozen :class:`~semantics.mapping.spec.MappingSpec` out."""
