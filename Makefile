# The commands of this repository; `make` alone lists them. Only Python 3.11-3.13 and make are needed.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SCHEMAS := .schemas
PEERS := .peers
FETCH = $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --target $(SCHEMAS)
export DO_NOT_TRACK := 1
export DBT_SEND_ANONYMOUS_USAGE_STATS := false

.DEFAULT_GOAL := help
.PHONY: help demo up test test-fast schemas lint peers agreement bench clean

help: ## List the targets.
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v < (3, 14) else "Python 3.11, 3.12 or 3.13 is needed; name one: make PYTHON=/path/to/python3.11")'
	@echo "making the environment in $(VENV); the first time this takes a few minutes"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[demo,dev,fast]'
	@touch $(READY)

demo: $(READY) ## Build the example mesh: five domains of real flight data.
	@$(BIN)/mesh build
	@echo "The command is $(BIN)/mesh; put it on your path with: source $(BIN)/activate"

up: $(READY) ## Start the Dagster UI on http://127.0.0.1:3000.
	@$(BIN)/mesh up

# The standards' own schemas, for the tests that hold the platform's verdict against them. The packages
# that carry them pin what the platform needs in other versions: their files are fetched without their
# dependencies, and nothing of them is imported.
$(SCHEMAS)/.ready: $(READY)
	@rm -rf $(SCHEMAS)
	@$(FETCH)/odcs-3.2 datacontract-cli==1.2.8
	@$(FETCH)/odcs-3.1 open-data-contract-standard==3.1.2
	@$(FETCH)/odcs-3.0 open-data-contract-standard==3.0.5
	@$(FETCH)/odps dataproduct-cli==0.3.2
	@touch $@

schemas: $(SCHEMAS)/.ready ## Fetch the standards' schemas that tests compare with.

# Programs that the platform is compared with. They need other versions of what it needs itself, so
# they have an environment of their own; `make bench` and `make agreement` ask for it, `make test` uses it if it is there.
$(PEERS)/.ready: $(READY)
	@rm -rf $(PEERS)
	@$(PYTHON) -m venv $(PEERS)
	@$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check 'datacontract-cli[duckdb]==1.2.8' 'tpchgen-cli>=4,<5'
	@touch $@

peers: $(PEERS)/.ready ## Fetch the programs that the platform is compared with.

agreement: peers ## Compare verdicts with `datacontract test`.
	@$(BIN)/python -m pytest -q tests/agreement

test: schemas ## Run all tests.
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal

test-fast: schemas ## Run the tests that take seconds.
	@$(BIN)/python -m pytest -q -n 2 -m "not slow"

lint: $(READY) ## Check format, style, types and the direction of imports.
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: peers ## Measure; each figure is a ratio within one run.
	@$(BIN)/python -m benchmarks

clean: ## Remove the environment and everything that was built.
	@rm -rf $(VENV) $(SCHEMAS) $(PEERS) .mesh build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
	@rm -rf domains/*/dbt_packages domains/*/target domains/*/logs domains/*/package-lock.yml
