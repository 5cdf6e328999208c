PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test check bench format

demo: $(STAMP)
	@$(BIN)/openoutcry decide CALDR --market demo --model rules

test: $(STAMP)-dev
	@$(BIN)/pytest

check: $(STAMP)-dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@mkdir -p $(VENV)/types && ln -sfn ../.. $(VENV)/types/openoutcry
	@MYPYPATH=$(VENV)/types $(BIN)/mypy -p openoutcry
	@$(BIN)/lint-imports

bench: $(STAMP)-dev
	@$(BIN)/python -m tests.bench

format: $(STAMP)-dev
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

$(STAMP): pyproject.toml constraints.txt
	@test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(STAMP)-dev: pyproject.toml constraints.txt
	@test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@ $(STAMP)
