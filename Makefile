# Everything a newcomer types: `make run` or `make test`. `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
AGAINST ?= HEAD
# Programs that the tests start find the program compiled. Each worker takes files as they follow each other: what a file prepares is
# prepared once. Three on two cores: a third of the time tests wait for rates, pauses and processes.
PYTEST = QT_QPA_PLATFORM=offscreen OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 3 --dist worksteal $(ARGS)

.PHONY: run test check lint bench screenshot clean help

run: $(VENV)/.run ## set everything up and open the window (without a display: render the test scene to a video)
	@$(BIN)/python webcam-pix2pix.py $(ARGS)

test: $(VENV)/.test ## set everything up and run the tests
	@$(PYTEST)

check: $(VENV)/.check ## under two minutes: lint, types, the tests nearest to your change (AGAINST=main: of a branch)
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(PYTEST) --budget 80 $$($(BIN)/python tests/nearest.py --against $(AGAINST))

lint: $(VENV)/.check ## lint and types only
	@$(BIN)/ruff check .
	@$(BIN)/mypy

bench: $(VENV)/.test ## all benchmarks, one after the other
	@for file in benchmarks/bench_*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

screenshot: $(VENV)/.run ## the window's own picture for the README
	@QT_QPA_PLATFORM=offscreen $(BIN)/python webcam-pix2pix.py --source test --screenshot docs/window.png

clean: ## remove the virtual environment
	@rm -rf $(VENV)

help: ## this list; ARGS="..." is passed on to the program or to pytest, PYTHON=python3.12 chooses the interpreter
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 12

# One stamp per set of packages, so that a second call starts at once and a changed requirement is installed.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; try: make PYTHON=python3.12 run" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt | $(VENV)/bin/python
	@echo "Setting up $(VENV) (once; PyTorch is large, this takes some minutes)..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.test: requirements.txt requirements-test.txt | $(VENV)/bin/python
	@echo "Setting up $(VENV) for the tests (once)..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-test.txt
	@touch $(VENV)/.run $@

$(VENV)/.check: $(VENV)/.test
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check ruff mypy
	@touch $@
