"""What Arrow schemas of ours say of their fields, beside the types: the keys of the metadata, and when they are set.

Writers and readers of Arrow data agree on these keys and on nothing else. Other tools may lose them: then JSON stays
text, and decimals keep the zeros of their column.
"""

from __future__ import annotations

from typing import Final

__all__ = ["ANY_SCALE", "FORM", "JSON", "SCALE", "TERM", "UNIT"]

TERM: Final = b"semantics:term"
"""On a schema the IRI of the class, on a field that of the slot."""
UNIT: Final = b"semantics:unit"
"""The unit of the slot's numbers, as the model writes it."""
FORM: Final = b"semantics:form"
"""How the text of a field is to be read; only :data:`JSON` is known."""
JSON: Final = b"json"
"""The text is one JSON value."""
SCALE: Final = b"semantics:scale"
"""How the scale of a decimal is meant; only :data:`ANY_SCALE` is known."""
ANY_SCALE: Final = b"any"
"""Numbers have as many digits as they need: zeros at their end come from the column, not from the number."""
