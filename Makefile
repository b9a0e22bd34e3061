# Everything here sets up what it needs, with Python 3.11 and make alone.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
AS_ROOT := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

.PHONY: help demo test test-spark test-browser types docs format bench profile lock clean

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

$(VENV)/spark: requirements/spark.txt $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/spark.txt
	touch $@

test-spark: $(VENV)/spark  ## that Spark counts what DuckDB counts; needs Java 17, and installs it on Debian
	@command -v java >/dev/null || { $(AS_ROOT) apt-get update -qq && $(AS_ROOT) apt-get install -y -qq default-jre-headless; }
	$(BIN)/python -m pytest -W ignore::ResourceWarning -W ignore::pytest.PytestUnraisableExceptionWarning tests/spark  # py4j's sockets

$(VENV)/browser: requirements/browser.txt $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/browser.txt
	touch $@

test-browser: $(VENV)/browser  ## the HTML report in a real browser; needs Chromium, and installs it on Debian
	@command -v chromium >/dev/null || { $(AS_ROOT) apt-get update -qq && $(AS_ROOT) apt-get install -y -qq chromium; }
	$(BIN)/python -m pytest tests/browser

format: $(READY) ## put the code in order
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(READY)  ## make the manifest's types anew from its schema
	$(BIN)/python scripts/generate_types.py
	$(BIN)/python scripts/generate_evidence_schemas.py

docs: $(READY)   ## write the generated pages of docs/ anew, and the outputs that the others show
	$(BIN)/python scripts/generate_reference.py
	$(BIN)/python scripts/walkthrough.py --write

bench:           ## measure speed against other tools, side by side; they are installed in .bench
	$(PYTHON) bench/run.py

profile: $(READY) ## name the hottest functions of linting 200 manifests
	$(BIN)/python bench/hottest.py

COMPILE := $(BIN)/pip-compile --quiet --upgrade --generate-hashes --strip-extras --allow-unsafe --no-emit-index-url \
	--no-emit-trusted-host --no-emit-find-links

lock: $(READY)   ## choose versions anew for requirements/dev.txt, spark.txt and browser.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check pip-tools
	$(COMPILE) --output-file requirements/dev.txt pyproject.toml requirements/dev.in
	$(COMPILE) --constraint requirements/dev.txt --output-file requirements/spark.txt requirements/spark.in
	$(COMPILE) --constraint requirements/dev.txt --output-file requirements/browser.txt requirements/browser.in

clean:           ## forget what was set up and cached
	rm -rf $(VENV) .bench .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
