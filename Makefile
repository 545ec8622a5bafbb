PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test check bench install clean

run: $(VENV)/.run
	$(BIN)/ttboost demo --port 8080

test: $(VENV)/.dev
	$(BIN)/pytest --numprocesses 3 --dist loadfile

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m storage.migrations.check

bench: $(VENV)/.dev
	$(BIN)/ttboost bench

install: $(VENV)/.run

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $(VENV)/.run $@

clean:
	rm -rf $(VENV) build *.egg-info
