"""What an edit does, as it is made: findings, tests, the instance of a sample record, generated files."""

from __future__ import annotations

from semantics.watching.desk import Desk
from semantics.watching.told import Checked, Generated, Refused, Sampled, Tested, Told

__all__ = ["Checked", "Desk", "Generated", "Refused", "Sampled", "Tested", "Told"]
