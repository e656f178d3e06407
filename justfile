# Tools come from .venv where there is one ('just setup' makes it), else from the PATH.
export PATH := justfile_directory() / ".venv/bin:" + env("PATH")

# List the recipes.
default:
    @just --list --unsorted

# Make .venv with everything that development needs.
setup:
    python3 -m venv .venv
    .venv/bin/pip install -q -e '.[dev]'

# Run the tests; arguments go to pytest ('just test tests/cli -x').
test *ARGS:
    python -m pytest -n 2 {{ARGS}}

# Check style, formatting and the direction of imports.
lint:
    ruff check
    ruff format --check
    lint-imports

# Check the types of the package.
types:
    mypy

# Generate the packaged models from the ontologies.
generate:
    semantics generate

# Make the pages of docs/reference from the tables of the code.
reference:
    python docs/make_reference.py

# Everything that has to pass before a change lands, in fresh environments.
check:
    .ci/run

# Measure: start-up, mapping, whole conversions; arguments go to the script ('just bench --quick').
bench *ARGS:
    python benchmarks/run.py {{ARGS}}

# Measure suggestions against the mappings of the library; '--fit' grows the forests anew.
suggestions *ARGS:
    python benchmarks/suggest.py {{ARGS}}

# Run the proofs: tests that take minutes.
proofs *ARGS:
    python -m pytest -m slow {{ARGS}}

# Convert the published records of every standard, from ../shared/sources into a folder.
corpus DIR *ARGS:
    semantics run tests/corpus.yaml -o {{DIR}} {{ARGS}}

# Run the tests on Spark, which need the extra 'spark' and Java.
spark *ARGS:
    python -m pytest -n 0 -m spark tests/spark {{ARGS}}

# Build the wheel and the source archive into dist/.
build:
    python -m build

# Build the wheel, install it by itself and convert from another directory.
wheel-check:
    .ci/wheel_check.sh
