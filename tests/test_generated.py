"""What is checked in is what the ontologies give today."""

from __future__ import annotations

import os
import subprocess
import sys

from semantics.engine.generate import artefacts, default_folder
from semantics.workspace import Workspace, library_root

LIBRARY = Workspace((library_root(),))


def test_models_are_up_to_date() -> None:
    """A stale file names its cure."""
    found = artefacts((), None, default_folder(LIBRARY), LIBRARY)
    assert found.stale() == (), "run `semantics generate`"


def test_an_edited_byte_is_seen(tmp_path: object) -> None:
    """One changed byte, a missing and a foreign file are stale; writing mends what it has made."""
    from pathlib import Path

    folder = Path(str(tmp_path)) / "models"
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
