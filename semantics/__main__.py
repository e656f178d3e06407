"""``python -m semantics``."""

from semantics.cli import main

main()
