#!/usr/bin/env bash
# Builds the wheel, installs it in a fresh environment and converts from another directory.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python -m build -q --wheel --outdir "$work/dist" .
python3 -m venv "$work/env"
"$work/env/bin/pip" install -q -c requirements.lock "$work"/dist/*.whl
mkdir "$work/elsewhere"
cp mappings/examples/open-banking/accounts.json "$work/elsewhere/"
cd "$work/elsewhere"
where=$("$work/env/bin/python" -c 'import semantics; print(semantics.__file__)')
case "$where" in "$work"/env/*) ;; *) echo "semantics was imported from $where"; exit 1 ;; esac
"$work/env/bin/semantics" convert open-banking accounts.json -o out.ttl
"$work/env/bin/semantics" list mappings
"$work/env/bin/python" - <<'PY'
from pathlib import Path
import semantics
from semantics.models.finance import FinancialAccount
assert Path("out.ttl").read_text().startswith("@prefix")
assert FinancialAccount.__doc__
assert semantics.load_schema("core").classes
PY
echo "wheel ok"
