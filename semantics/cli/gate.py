"""What ``--require`` does with a report: says what does not hold, and ends with 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from semantics.engine.gates import Conditions
    from semantics.engine.report import RunReport

__all__ = ["gate"]


def gate(conditions: Conditions, report: RunReport) -> int:
    """0 when every condition holds, else 1; a line on standard error for each that does not."""
    for doubt in conditions.doubts(report):
        click.echo(str(doubt), err=True)
    broken = conditions.broken(report)
    for found in broken:
        click.echo(str(found.diagnostic), err=True)
    return 1 if broken else 0
