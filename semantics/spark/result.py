"""What a conversion on Spark gives: instances, rejects and accounts as frames, and the report of the run."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final

import msgspec

from semantics.engine.ledger import Ledger
from semantics.engine.report import RunReport, slots_of
from semantics.errors import Diagnostic, InternalError, UsageError, closest, escaped
from semantics.spark.faults import told_by_spark
from semantics.spark.partition import BlockCounts, Counts, Referred, numbered, typed
from semantics.spark.shipment import Ready, written
from semantics.spark.types import columns_of
from semantics.version import __version__

if TYPE_CHECKING:
    from pyspark import StorageLevel
    from pyspark.sql import DataFrame

    from semantics.engine.mapping import Mapping
    from semantics.spark.shipment import Shipment

__all__ = ["LEDGER", "REJECTS", "SparkResult"]

_MORE: Final = (
    "code string, message string, pointer string, rule string, class string, slot string, constraint string, "
    "element string"
)
REJECTS: Final = (
    "source string, record bigint, line bigint, byte bigint, pointer string, code string, message string, rule string, "
    "class string, slot string, constraint string, element string, source_class string, format string, at string, "
    "envelope string, columns array<string>, delimiter string, key string, after bigint, raw string, encoding string, "
    "size bigint, sha256 string, mapping string, digest string, now string, "
    f"more array<struct<{_MORE.replace(' string', ': string')}>>"
)
"""The columns of the rejects: the keys of a line of a rejects file."""
LEDGER: Final = "account string, name string, measure string, count bigint"
"""The columns of the ledger: a part of the report, a path or slot or code in it, what is counted, and how often."""
_FLAT: Final = ("records", "rejects", "reasons", "filtered")
_NESTED: Final = ("source_slots", "dropped", "target_slots", "unmapped")


class SparkResult:
    """The frames of a conversion; made by :func:`semantics.spark.convert`.

    ``instances`` has the slots of the class as columns, or one column ``value`` with the text of an instance; where
    a mapping makes instances of several classes, each of them has its own columns: ``instances_of("Account")``.
    ``rejects`` has the keys of a line of a rejects file as columns, ``rejects_text`` these lines as they stand in one.
    ``ledger`` has every count of the report. The data are passed over once, when the first of these is used, and what
    that gives is kept; the numbers of rejects and the ledger are worked out when that pass is over.
    """

    def __init__(self, rows: DataFrame, mapping: Mapping, shipment: Shipment, storage: StorageLevel | None) -> None:
        from pyspark import StorageLevel

        self.mapping = mapping
        self._shipment = shipment
        self._work = Ready(shipment)
        self._rows = rows.persist(storage or StorageLevel.MEMORY_AND_DISK)
        self._spark = rows.sparkSession
        self._seconds = 0.0

    # -- frames -----------------------------------------------------------------------------------

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes of the instances."""
        return written(self.mapping.plan)

    @property
    def to(self) -> str:
        """What the instances are: "columns", or a format of text."""
        return self._shipment.to

    def classes_found(self) -> tuple[str, ...]:
        """The classes of which there are instances, where these have columns."""
        with told_by_spark():
            rows = self._rows.where("kind = 'instance'").select("class").distinct().collect()
        return tuple(sorted(row["class"] for row in rows))

    @property
    def instances(self) -> DataFrame:
        """Every instance, in the order of the records of each partition.

        Raises :class:`UsageError` (``SPK009``) where instances of several classes are to have columns.
        """
        if self.to != "columns":
            return self._rows.where("kind = 'instance'").select("value")
        if len(self.classes) != 1:
            message = f"the mapping makes instances of {len(self.classes)} classes, each with its own columns"
            raise UsageError(
                Diagnostic("SPK009", message,
                           hint=f"ask for each: instances_of('{self.classes[0]}'), or convert to 'ndjson'")
            )  # fmt: skip
        return self.instances_of(self.classes[0])

    def instances_of(self, class_name: str) -> DataFrame:
        """The instances of a class, with its slots as columns (:mod:`semantics.sinks.arrow_schema`).

        Raises :class:`UsageError` (``SPK009``) for a class of which there are none, or where text was asked for.
        """
        from semantics.sinks.arrow_schema import arrow_class

        if self.to != "columns" or class_name not in self.classes:
            columns = self.to == "columns"
            message = f"the mapping makes no instances of '{escaped(class_name)}'" if columns else "instances are text"
            hint = closest(class_name, self.classes) if columns else "convert to 'columns'"
            raise UsageError(Diagnostic("SPK009", message, hint=hint))
        rows = self._rows.where("kind = 'instance'").where(f"class = '{class_name}'").select("data")
        table = arrow_class(self._shipment.target, class_name)
        return rows.mapInArrow(partial(typed, self._shipment.packed(), class_name), columns_of(table.schema))

    @property
    def rejects_text(self) -> DataFrame:
        """The lines of a rejects file in a column ``value``: write them as text and run them again with --replay."""
        rejected = self._rows.where("kind = 'reject'").select("block", "value")
        before = msgspec.json.encode({str(block): counts for block, counts in self._before.items()}).decode()
        return rejected.mapInArrow(partial(numbered, before), "value string")

    @property
    def rejects(self) -> DataFrame:
        """Every rejected record with its place, the reasons and its bytes (:data:`REJECTS`)."""
        from pyspark.sql import functions as F  # noqa: N812

        return self.rejects_text.select(F.from_json("value", REJECTS).alias("line")).select("line.*")

    @property
    def ledger(self) -> DataFrame:
        """Every count of the report (:data:`LEDGER`)."""
        report = self.report()
        rows: list[tuple[str, str, str, int]] = []
        for account in _FLAT:
            rows += [(account, name, "records", count) for name, count in getattr(report, account).items()]
        for account in _NESTED:
            for name, counts in getattr(report, account).items():
                rows += [(account, name, measure, count) for measure, count in counts.items()]
        return self._spark.createDataFrame(rows, LEDGER)

    # -- the pass ---------------------------------------------------------------------------------

    @cached_property
    def _told(self) -> tuple[Ledger, dict[str, int], dict[int, BlockCounts]]:
        """What the tasks counted, added up; the warnings of shapes; and how much each block held."""
        started = time.monotonic()
        ledger, warnings, blocks = Ledger(self.mapping.plan), dict[str, int](), dict[int, BlockCounts]()
        with told_by_spark():
            found = self._rows.where("kind in ('counts', 'block')").select("kind", "block", "value").collect()
        for kind, block, value in found:
            if kind == "block":
                blocks[block] = msgspec.json.decode(value, type=BlockCounts)
                continue
            counts = msgspec.json.decode(value, type=Counts)
            ledger.merge(counts.ledger)
            for name, count in counts.warnings.items():
                warnings[name] = warnings.get(name, 0) + count
        self._seconds = time.monotonic() - started
        return ledger, warnings, blocks

    @property
    def _before(self) -> dict[int, tuple[int, int]]:
        """For each block, the records of its source and the instances of the run that stand in earlier blocks."""
        found, records, emitted = dict[int, tuple[int, int]](), dict[Any, int](), 0
        blocks = self._shipment.blocks
        by_line = self._shipment.form == "lines" and bool(self._work.options.selectors)
        for number, counts in sorted(self._told[2].items()):
            source = blocks[number].ordinal if blocks else None
            # Where every line is a record, the tasks know how many there were.
            begun = blocks[number].records if blocks and not by_line else 0
            found[number] = (records.get(source, 0) - begun, emitted)
            records[source] = records.get(source, 0) + counts.records
            emitted += counts.emitted
        return found

    def report(self) -> RunReport:
        """The accounts of the run, as a local run gives them; runs the pass if nothing has yet.

        Raises :class:`InternalError` where they do not add up, and what is wrong with an input that cannot be read.
        """
        ledger, warnings, _ = self._told
        if not ledger.balanced:
            raise InternalError(
                Diagnostic("INT002", "the counts do not add up: read is not mapped + rejected + filtered")
            )
        shipment = self._shipment
        return RunReport(
            **slots_of(ledger.source(), ledger.target()),
            run={
                "semantics": __version__,
                "mapping": self.mapping.name,
                "digests": {**self.mapping.plan.digests, "inputs": {}},
                "seconds": round(self._seconds, 3),
                "engine": "spark",
                **({"now": shipment.now} if "now" in self.mapping.plan.needs else {}),
            },
            records={
                "read": ledger.read,
                "mapped": ledger.mapped,
                "rejected": ledger.rejected,
                "filtered": ledger.filtered,
                "emitted": ledger.emitted,
            },
            unmapped=ledger.unmapped(),
            rejects=ledger.rejects(),
            reasons=ledger.reasons(),
            filtered=ledger.filters(),
            shapes=self._engines,
            warnings=warnings,
            findings=self._referred[1],
            references=self._referred[0],
        )

    @cached_property
    def _referred(self) -> tuple[dict[str, dict[str, int]], tuple[Diagnostic, ...]]:
        """The references that the instances hold, and those to what is not there."""
        references = self._work.references()
        if references is None:
            return {}, ()
        before = self._before
        try:
            with told_by_spark():
                for row in self._rows.where("kind = 'references'").select("block", "value").toLocalIterator():
                    found = msgspec.json.decode(row.value, type=Referred)
                    # Tasks do not come in the order of the inputs: each block has room for its own.
                    references.merge(found.state, before[row.block][0], (row.block << 40) + found.before)
            return references.counts(), references.summary()
        finally:
            references.close()

    @cached_property
    def _engines(self) -> dict[str, str]:
        """Which engine checked with which shapes."""
        shapes = self._work.shapes()
        return shapes.engines if shapes is not None else {}

    def lines(self) -> Iterator[str]:
        """The lines of the rejects, one partition of them at a time."""
        with told_by_spark():
            for row in self.rejects_text.toLocalIterator():
                yield row.value

    def close(self) -> None:
        """Let Spark forget what the pass gave."""
        self._rows.unpersist()
