# Needs Python >= 3.11 and make; everything else comes from requirements.lock.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test bench lint docs clean

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
	touch $(READY)

demo: $(READY)
	$(BIN)/sparewatt demo demo

test: lint
	$(BIN)/python -m pytest -n 3 --dist worksteal -q

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY)
	$(BIN)/sparewatt bench

docs: $(READY)
	$(BIN)/mkdocs build --strict

clean:
	rm -rf $(VENV) demo site
