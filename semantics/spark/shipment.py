"""What an executor is sent: a mapping with nothing left to resolve, as text; and what it makes of that, once.

Plan and target model go as the JSON that the cache of prepared mappings holds, too. Executors import this package,
check that it is of the same version, and compile the plan once for each Python worker.
"""

from __future__ import annotations

import zlib
from base64 import b85decode, b85encode
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final

import msgspec

from semantics.engine.carrier import Carrier
from semantics.engine.inputs import Inputs
from semantics.engine.ledger import Ledger
from semantics.engine.mapping import Mapping
from semantics.engine.prepare import Prepared
from semantics.engine.references import BUDGET, References, references_of
from semantics.errors import Diagnostic, UsageError
from semantics.plan.model import Plan
from semantics.schema.model import SchemaModel
from semantics.sources import Limits, ReadOptions
from semantics.version import __version__

if TYPE_CHECKING:
    from semantics.engine.shapes import ShapeCheck
    from semantics.sinks.base import Encoder

__all__ = ["PATH", "START", "Block", "Ready", "Shipment", "ready", "written"]


PATH: Final = "__semantics_path"
"""The column of a frame that tells the file of a row."""
START: Final = "__semantics_start"
"""The column that tells the first byte of the part of the file in which the row stands."""


_NEVER: Final = 1 << 60
"""A budget that is not reached: a task hands on what it has collected."""


class Block(msgspec.Struct, frozen=True):
    """A part of an input file that one task reads: which file, and how much of it comes before.

    ``name`` and ``ordinal`` are those of the input, ``path`` is what Spark calls the file and ``start`` the byte where
    the part begins (columns :data:`PATH` and :data:`START` of the frame); ``lines``, ``records`` and ``bytes`` are what
    stands in the parts before it.
    """

    name: str
    ordinal: int
    path: str = ""
    start: int = 0
    lines: int = 0
    records: int = 0
    bytes: int = 0


class Shipment(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a task is told.

    ``form`` says what the rows of the frame are: "lines" of JSON, or "rows" whose columns are slots of ``row_class``.
    ``name`` is what the frame is called in rejects, where ``blocks`` do not name files, ``read_as`` the format of its
    records as rejects tell it. ``to`` is a format of a text
    sink, or "columns"; ``check`` whether instances are held against the model.
    ``now`` is the moment of the run; the key for pseudonyms is never sent: each executor reads ``key_file``, or its own
    environment.
    """

    version: str = __version__
    plan: Plan
    target: SchemaModel
    form: str
    to: str
    name: str
    validate: str
    require_references: bool = False
    check: bool
    source_class: str | None
    limits: Limits
    row_class: str | None = None
    read_as: str | None = None
    blocks: tuple[Block, ...] = ()
    now: str | None = None
    key_file: str | None = None
    made_by: dict[str, str] = {}

    @property
    def format(self) -> str:
        """The format as messages call it."""
        return "parquet" if self.to == "columns" else self.to

    def packed(self) -> str:
        """The shipment as text: a tenth of its JSON."""
        return b85encode(zlib.compress(msgspec.json.encode(self))).decode("ascii")


@dataclass(frozen=True)
class Ready:
    """A shipment made ready to run; what it holds is kept between the tasks of a Python worker."""

    shipment: Shipment

    @cached_property
    def mapping(self) -> Mapping:
        """The mapping, compiled."""
        prepared = Prepared(self.shipment.plan, self.shipment.target)
        return Mapping(prepared, check=self.shipment.check)

    @cached_property
    def encoder(self) -> Encoder:
        """The encoder of the output, whose pieces :mod:`semantics.spark.pieces` takes apart again."""
        from semantics.spark.pieces import encoder

        return encoder(self.shipment.to, self.shipment.target, written(self.shipment.plan))

    @cached_property
    def options(self) -> ReadOptions:
        """How lines are read under the mapping."""
        return Inputs(self.shipment.plan, (), None, self.shipment.source_class, self.shipment.limits).options("ndjson")

    def carrier(self) -> Carrier:
        """What carries the records of a task through; new for each task, for it counts."""
        shipment = self.shipment
        return Carrier(
            self.mapping, self.encoder, shipment.format, shipment.limits, Ledger(shipment.plan),
            self.references(_NEVER), self.shapes(),
        )  # fmt: skip

    def references(self, budget: int = BUDGET) -> References | None:
        """What compares references with what is there; None where the mapping writes none."""
        shipment = self.shipment
        return references_of(shipment.plan, shipment.target, required=shipment.require_references, budget=budget)

    def shapes(self) -> ShapeCheck | None:
        """A check against the generated shapes, where they are asked for."""
        if self.shipment.validate not in ("shacl", "both"):
            return None
        from semantics.engine.shapes import ShapeCheck

        check = ShapeCheck(self.shipment.target, (self._generated,))
        check.locate = self.mapping.located
        return check

    @cached_property
    def _generated(self) -> Any:
        from semantics.engine.shapes import generated

        return generated(self.shipment.target)


@lru_cache(maxsize=4)
def ready(packed: str) -> Ready:
    """A packed shipment, opened and compiled once for each Python worker.

    Raises :class:`UsageError` (``SPK005``) where it comes from another version of this package.
    """
    text = zlib.decompress(b85decode(packed))
    told = msgspec.json.decode(text, type=_Version).version
    if told != __version__:
        raise UsageError(
            Diagnostic("SPK005", f"the executors have version {__version__} of this package, the driver {told}",
                       hint="ship one version to all: see docs/spark.md")
        )  # fmt: skip
    return Ready(msgspec.json.decode(text, type=Shipment))


class _Version(msgspec.Struct):
    version: str


def written(plan: Plan) -> tuple[str, ...]:
    """The classes of the instances that a mapping writes, in the order of their names."""
    return tuple(sorted({plan.rules[name].target_class for rules in plan.starts.values() for name in rules}))
