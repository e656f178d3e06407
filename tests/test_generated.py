"""What is checked in is what the ontologies give today."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from semantics.engine.generate import artefacts, default_folder
from semantics.workspace import Workspace, library_root

LIBRARY = Workspace((library_root(),))


def test_models_are_up_to_date() -> None:
    """A stale file names its cure."""
    found = artefacts((), None, default_folder(LIBRARY), LIBRARY)
    assert found.stale() == (), "run `semantics generate`"


def test_an_edited_byte_is_seen(tmp_path: Path) -> None:
    """One changed byte, a missing and a foreign file are stale; writing mends what it has made."""
    folder = tmp_path / "models"
    made = artefacts(["gtfs"], None, folder, LIBRARY)
    made = type(made)(made.folder, made.files, whole=True)
    made.write()
    assert made.stale() == ()
    module = folder / "sources" / "gtfs.py"
    module.write_text(module.read_text().replace("Stop", "Stob", 1))
    (folder / "sources" / "gtfs.shacl.ttl").unlink()
    (folder / "foreign.py").write_text("")
    assert made.stale() == ("foreign.py", "sources/gtfs.py", "sources/gtfs.shacl.ttl")
    assert made.write() == ("sources/gtfs.py", "sources/gtfs.shacl.ttl")
    assert made.stale() == ("foreign.py",), "what was not generated is never deleted"


def test_one_schema_of_a_workspace_is_generated_as_part_of_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its module imports those of its neighbours, the package keeps naming them, and one that is broken is passed over."""
    for name, more in (("base", ""), ("more", "imports: [base]\n"), ("broken", "nonsense: 1\n")):
        text = f"id: https://example.org/{name}\nname: {name}\n{more}classes: {{{name.title()}: {{}}}}\n"
        (tmp_path / "ontologies").mkdir(exist_ok=True)
        (tmp_path / "ontologies" / f"{name}.yaml").write_text(text)
    monkeypatch.chdir(tmp_path)
    made = artefacts(["more"], None, None)
    assert sorted(name for name in made.files if name.endswith(".py")) == ["__init__.py", "_base.py", "more.py"]
    assert "base, more" in made.files["__init__.py"]
    assert "from .base import" in made.files["more.py"]


def test_models_need_pydantic_only() -> None:
    """Importing a model brings neither the rest of the package nor linkml, rdflib or pyshacl."""
    script = (
        "import sys\nfrom semantics.models.finance import FinancialAccount\n"
        "names = {name.split('.')[0] for name in sys.modules}\n"
        "print(sorted(names & {'linkml', 'linkml_runtime', 'rdflib', 'pyshacl', 'yaml', 'msgspec', 'click'}))\n"
        "print(FinancialAccount.__doc__ is not None)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert done.stdout.split("\n")[:2] == ["[]", "True"]
