"""A linkml-map specification lowered to the one plan that every backend carries out.

``build`` makes the rules of classes and completes what the specification leaves open; ``slots`` lowers
one slot derivation, ``ranges`` what becomes of its value; ``names`` says what the names in its expressions mean.
"""

from __future__ import annotations
