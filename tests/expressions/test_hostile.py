"""Expressions that another organisation wrote: refused, bounded or plain, on both backends, without side effects."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared" / "badinputs" / "expr"

CHILD = r"""
import copy, json, sys, time, tracemalloc
from decimal import Decimal
sys.path.insert(0, sys.argv[2])
import semantics
from pydantic import BaseModel
from semantics.backends.interpret import interpret
from semantics.backends.python.compat import WRITERS
from semantics.backends.python import runtime
from semantics.engine.convert import _Bindings, _plain
from semantics.errors import ExpressionError
from semantics.expressions.check import check
from semantics.expressions.dialects import DIALECTS
from semantics.expressions.parse import parse
import ast, pathlib, threading, importlib.metadata

folder, dialect = pathlib.Path(sys.argv[1]), sys.argv[3]
compat = None if dialect == "strict" else dialect
class Address(BaseModel):
    city: str
class Person(BaseModel):
    id: str
    name: str
    address: Address
bindings = json.loads((folder / "bindings.json").read_text())
host = {**bindings, "person": Person.model_validate(bindings["person"])}
rows = [json.loads(line) for line in (folder / "expressions.ndjson").read_text().splitlines()]

def compiled(tree, plain):
    names = {name: "b_" + str(i) for i, name in enumerate(plain)}
    body = WRITERS[dialect](names, frozenset()).result(tree)
    arguments = ast.arguments([], [ast.arg(n) for n in names.values()], None, [], [], None, [])
    code = ast.fix_missing_locations(ast.Expression(ast.Lambda(arguments, body)))
    return eval(compile(code, "<case>", "eval"), {**runtime.namespace(dialect), "__builtins__": {}})(*plain.values())

for warm in ("matches('a', 'a')", "sum([1])", "date('2020-01-01')", "upper('x')", "1.5 + 1"):
    semantics.evaluate(warm)
    compiled(check(parse(warm), _Bindings({})), {}) if compat is None else None
semantics.evaluate("slugify('a')", compat="linkml-map")
try:
    semantics.evaluate("1 +")
except ExpressionError:
    pass
events = []
meaning = DIALECTS[dialect]
WATCHED = ("open", "socket.", "subprocess.", "os.system", "os.exec", "os.spawn", "os.fork", "import", "ctypes.", "exec")
watching = False
def hook(event, args):
    if watching and event.startswith(WATCHED):
        if event == "exec" and getattr(args[0], "co_filename", "") in ("<case>",):
            return
        events.append((event, repr(args)[:200]))
sys.addaudithook(hook)

def verdict(run):
    try:
        value = run()
    except ExpressionError as fault:
        place = fault.diagnostics[0].location
        return ("refused" if place and place.line else "failed", fault.diagnostics[0].code)
    except ValueError as fault:
        return ("failed", type(fault).__name__)
    return ("value", repr(value)[:200])

out = []
for row in rows:
    entry = {"id": row["id"], "expected": row["expected"]}
    for kind, given in (("dict", bindings), ("host", host)):
        before = copy.deepcopy(given)
        started = time.process_time()
        watching = True
        first = verdict(lambda: semantics.evaluate(row["expr"], given, compat))
        watching = False
        entry[kind + "_seconds"] = time.process_time() - started
        entry[kind] = first
        entry[kind + "_same"] = before == given
        try:
            plain = {n: _plain(v) for n, v in given.items()}
            tree = check(parse(row["expr"], dialect=dialect), _Bindings(plain), dialect=dialect)
        except ExpressionError:
            tree = None
        if tree is not None:
            watching = True
            entry[kind + "_compiled"] = verdict(lambda: compiled(tree, plain))
            entry[kind + "_interpreted"] = verdict(lambda: meaning.plain(interpret(tree, plain, dialect=meaning)))
            watching = False
    tracemalloc.start()
    verdict(lambda: semantics.evaluate(row["expr"], bindings, compat))
    if tree is not None:
        verdict(lambda: compiled(tree, plain))
    entry["megabytes"] = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    entry["events"], events = events, []
    out.append(entry)
print(json.dumps(out))
"""


@pytest.fixture(scope="module", params=["strict", "linkml-map"])
def verdicts(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, object]]:
    """All cases in one child process with 512 MB of address space, under an audit hook."""
    if not SHARED.is_dir():
        pytest.skip("../shared is not there: hostile expressions are not part of the project")
    folder = tmp_path_factory.mktemp("hostile")
    script = folder / "child.py"
    script.write_text(CHILD)
    root = Path(__file__).resolve().parents[2]

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (512 << 20, 512 << 20))

    done = subprocess.run(
        [sys.executable, "-B", str(script), str(SHARED), str(root), request.param],
        cwd=folder, capture_output=True, text=True, timeout=120, preexec_fn=limit, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert not (folder / "PWNED").exists()
    found: list[dict[str, object]] = json.loads(done.stdout)
    return [{**entry, "dialect": request.param} for entry in found]


def test_every_case_ends_as_expected(verdicts: list[dict[str, object]]) -> None:
    """``reject_at_load`` is refused with a place, ``allow`` gives a value, ``bounded`` ends in any of our ways.

    In the dialect of another tool an unknown name is null, and an operand of the wrong kind is found with the record.
    """
    wrong = []
    for entry in verdicts:
        for kind in ("dict", "host"):
            how = entry[kind][0]
            loose = entry["dialect"] != "strict" and (how == "failed" or entry[kind][1] == "None")
            fine = {
                "reject_at_load": how == "refused" or loose,
                "allow": how == "value",
                "bounded": how in ("refused", "failed", "value"),
                "either": how in ("refused", "value") or loose,
            }[str(entry["expected"])]
            if not fine:
                wrong.append((entry["id"], kind, entry["expected"], entry[kind]))
    assert wrong == []


def test_every_case_is_small(verdicts: list[dict[str, object]]) -> None:
    """At most 64 MB more, on either backend."""
    assert [(entry["id"], entry["megabytes"]) for entry in verdicts if entry["megabytes"] > 64] == []


def test_backends_agree(verdicts: list[dict[str, object]]) -> None:
    """The same value or the same class of error from interpreter and compiled code."""
    wrong = [
        (entry["id"], entry[f"{kind}_compiled"], entry[f"{kind}_interpreted"])
        for entry in verdicts
        for kind in ("dict", "host")
        if f"{kind}_compiled" in entry and entry[f"{kind}_compiled"] != entry[f"{kind}_interpreted"]
    ]
    assert wrong == []


def test_nothing_else_happens(verdicts: list[dict[str, object]]) -> None:
    """No file, socket, process, import or execution, and the bindings stay as they were."""
    assert [(entry["id"], entry["events"]) for entry in verdicts if entry["events"]] == []
    assert all(entry["dict_same"] and entry["host_same"] for entry in verdicts)


def test_every_case_is_quick(verdicts: list[dict[str, object]]) -> None:
    """At most 100 ms of processor time each."""
    slow = [(e["id"], e[f"{k}_seconds"]) for e in verdicts for k in ("dict", "host") if e[f"{k}_seconds"] > 0.1]
    assert slow == []
