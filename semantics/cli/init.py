"""``semantics init``: a workspace of one's own, with a first example that runs."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

__all__ = ["init"]

_FILES: Final[dict[str, str]] = {
    "ontologies/meters.yaml": """\
# yaml-language-server: $schema=../.semantics/ontology.schema.json
id: https://example.org/meters
name: meters
description: Meter readings as the supplier's export has them.
prefixes: {meters: "https://example.org/meters/"}
default_prefix: meters
default_range: string
imports:
  - linkml:types
classes:
  Reading:
    description: One row of the export.
    attributes:
      meter:
        description: Number on the meter.
        required: true
      read_on:
        description: Day of the reading.
        range: date
      kwh:
        description: Register value in kilowatt-hours.
        range: decimal
      quality:
        description: A for actual, E for estimated.
""",
    "mappings/meters.yaml": """\
# yaml-language-server: $schema=../.semantics/mapping.schema.json
title: Meter readings as observations of the core model
source_schema: meters
target_schema: core
prefixes: {data: "https://example.org/data/"}
source:
  format: csv
class_derivations:
  Observation:
    populated_from: Reading
    where: "{kwh} is not null"
    slot_derivations:
      id: {iri: "data:reading/{meter}/{read_on}"}
      feature_of_interest: {iri: "data:meter/{meter}"}
      phenomenon_time: {populated_from: read_on}
      result_quantity:
        class_derivations:
          Quantity:
            slot_derivations:
              value: {populated_from: kwh}
              unit: {value: kW.h}
      result_quality:
        class_derivations:
          CodedValue:
            where: "{quality} is not null"
            slot_derivations:
              code: {populated_from: quality}
              label: {expr: "case((quality == 'A', 'actual'), (quality == 'E', 'estimated'))"}
""",
    "mappings/meters.tests.yaml": """\
# yaml-language-server: $schema=../.semantics/tests.schema.json
tests:
  - name: a reading is an observation of its meter
    input: {meter: M-1, read_on: "2025-01-31", kwh: 7887.20, quality: A}
    output:
      id: https://example.org/data/reading/M-1/2025-01-31
      feature_of_interest: https://example.org/data/meter/M-1
      phenomenon_time: "2025-01-31"
      result_quantity: {value: 7887.20, unit: kW.h}
      result_quality: {code: A, label: actual}
  - name: a row without a value is left out
    input: {meter: M-2, read_on: "2025-01-31", quality: A}
    filtered: true
  - name: the rows of the first file
    input_file: ../readings.csv
    filtered: 1
    contains:
      - {result_quality: {label: estimated}}
""",
    "readings.csv": """\
meter,read_on,kwh,quality
M-1,2025-01-31,7887.20,A
M-1,2025-02-28,8102.75,E
M-2,2025-01-31,,A
""",
}


@click.command(short_help="Start a workspace.")
@click.argument("directory", default=".", type=click.Path(file_okay=False))
def init(directory: str) -> int:
    """Write ontologies/, mappings/ and a first example into DIRECTORY; existing files are left alone.

    What editors complete by is put into .semantics/ besides.
    """
    from semantics.editor.schemas import FOLDER, write_schemas
    from semantics.errors import Diagnostic, Location, SinkError

    root = path = Path(directory)
    try:
        for name, text in _FILES.items():
            path = root / name
            if path.exists():
                click.echo(f"kept     {path}")
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            click.echo(f"written  {path}")
        path = root / FOLDER
        write_schemas(path)
    except OSError as fault:
        reason = fault.strerror or "it is not the name of a file"
        raise SinkError(Diagnostic("SNK002", f"cannot be written: {reason}", Location(str(path)))) from None
    place = "" if directory == "." else f"cd {directory} && "
    click.echo(f"\ntry:  {place}semantics convert meters readings.csv --to turtle")
    return 0
