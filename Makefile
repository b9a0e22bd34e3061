# Everything here sets up what it needs, with Python 3.11 and make alone.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready

.PHONY: help demo test types docs format bench lock clean

help:            ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/'

$(READY): requirements/dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $(READY)

demo: $(READY)   ## lint the example manifests, and see that the verdicts are the deserved ones
	$(BIN)/python examples/demo.py

test: $(READY)   ## everything that must hold before a change goes in
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest

format: $(READY) ## put the code in order
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(READY)  ## make the manifest's types anew from its schema
	$(BIN)/python scripts/generate_types.py
	$(BIN)/python scripts/generate_evidence_schemas.py

docs: $(READY)   ## write the generated pages of docs/ anew, and the outputs that the others show
	$(BIN)/python scripts/generate_reference.py
	$(BIN)/python scripts/walkthrough.py --write

bench: $(READY)  ## measure speed against other tools, side by side
	$(BIN)/python bench/run.py

lock: $(READY)   ## make requirements/dev.txt anew from what pyproject.toml and requirements/dev.in ask for
	$(BIN)/python -m pip install --quiet --disable-pip-version-check pip-tools
	$(BIN)/pip-compile --quiet --upgrade --generate-hashes --strip-extras --allow-unsafe --no-emit-index-url \
		--no-emit-trusted-host --no-emit-find-links --output-file requirements/dev.txt pyproject.toml requirements/dev.in

clean:           ## forget what was set up and cached
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
