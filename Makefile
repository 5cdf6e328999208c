PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e
DEMO := CALDR
EXTRAS := parquet,portfolio,stats,charts,ray,gepa,otel,notify

.DEFAULT_GOAL := help
.PHONY: help demo test extras lint check bench format clean

help: ## Show the targets.
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

demo: $(STAMP) ## Make one full decision on the demo market: no key, no network.
	@$(BIN)/openoutcry decide $(DEMO) --market demo --model rules

test: $(STAMP)-dev ## Run the whole test suite.
	@$(BIN)/pytest -n 2

extras: $(STAMP)-extras ## Install the optional extras but MLflow (1.2 GB), so that `make test` runs their tests too.

lint: $(STAMP)-dev ## Check format, style, types, layers, dead code and wording.
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@mkdir -p $(VENV)/types && ln -sfn ../.. $(VENV)/types/openoutcry
	@MYPYPATH=$(VENV)/types $(BIN)/mypy -p openoutcry
	@$(BIN)/lint-imports
	@$(BIN)/vulture
	@$(BIN)/python -m tests.style.words

check: lint test ## Run lint and test.

bench: $(STAMP)-bench ## Run the benchmarks and write docs/performance.md; PART="The book" for one section.
	@$(BIN)/python -m tests.bench $(if $(PART),"$(PART)")

format: $(STAMP)-dev ## Format the code.
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

clean: ## Delete the environment and all caches.
	@rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(STAMP): pyproject.toml constraints.txt
	@test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	@echo "installing (once)"
	@$(INSTALL) .
	@touch $@

$(STAMP)-extras: $(STAMP)-dev
	@$(INSTALL) '.[dev,$(EXTRAS)]'
	@# empyrical asks for an older peewee than yfinance, and does not use it for figures of returns
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt --no-deps empyrical-reloaded bottleneck
	@touch $@

$(STAMP)-bench: $(STAMP)-dev
	@$(INSTALL) '.[dev,bench]'
	@touch $@

$(STAMP)-dev: pyproject.toml constraints.txt
	@test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	@echo "installing with development tools (once)"
	@$(INSTALL) '.[dev]'
	@touch $@ $(STAMP)
