"""``python -m semantics.cli``."""

from semantics.cli import main

main()
