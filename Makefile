# Recipes for people and for CI. `make` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
# The distribution's Python first: one built from source without profile-guided
# optimisation runs everything half as slow again.
PYTHON ?= $(shell for p in /usr/bin/python3.11 /usr/bin/python3.12 python3.11 python3.12 python3; do $$p -c 'import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
UV := .venv/bin/uv
PYTEST := $(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadscope --no-loadscope-reorder
STATE := $(or $(LEDGERLINE_HOME),.ledgerline)
SITE := $(STATE)/docs/site
DBT := --project-dir dbt_project --profiles-dir dbt_project --target-path $(abspath $(STATE))/docs/dbt --log-path $(abspath $(STATE))/docs/dbt --quiet
export PYTHONPATH := $(CURDIR)/include
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install run up listen down test test-long test-all test-live lint lint-style lint-types lint-imports lint-sql check bench fuzz torture torture-airflow mutate sbom lock docs

help: ## List the recipes
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | awk -F'\t' '{printf "  make %-15s %s\n", $$1, $$2}'

.venv/installed: requirements.txt requirements-dev.txt requirements-uv.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or 3.12 is needed; set PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Installing the product into .venv"
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.txt
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements.txt -r requirements-dev.txt
	@$(BIN)/python -c "import pathlib, site; pathlib.Path(site.getsitepackages()[0], 'ledgerline.pth').write_text('$(CURDIR)/include\n')"
	@printf '#!/bin/sh\nexec "%s/.venv/bin/python" -m ledgerline.cli "$$@"\n' "$(CURDIR)" > $(BIN)/ledgerline && chmod +x $(BIN)/ledgerline
	@touch $@

.venv-erp/installed: requirements-erp.txt .venv/installed $(wildcard include/tryton_reference/*.py include/tryton_reference/*/*)
	@echo "Installing the sandbox ERP into .venv-erp"
	@$(PYTHON) -m venv --clear .venv-erp
	@$(UV) pip install --quiet --python .venv-erp/bin/python --require-hashes -r requirements-erp.txt
	@$(UV) pip install --quiet --python .venv-erp/bin/python --no-deps --no-build-isolation ./include/tryton_reference
	@touch $@

.venv-fhir/installed: requirements-fhir.txt .venv/installed
	@echo "Installing the sandbox FHIR server into .venv-fhir"
	@$(PYTHON) -m venv --clear .venv-fhir
	@$(UV) pip install --quiet --python .venv-fhir/bin/python --require-hashes -r requirements-fhir.txt
	@touch $@

.venv-docs/installed: requirements-docs.txt .venv/installed
	@echo "Installing what builds the documentation into .venv-docs"
	@$(PYTHON) -m venv --clear .venv-docs
	@$(UV) pip install --quiet --python .venv-docs/bin/python --require-hashes -r requirements-docs.txt
	@touch $@

.venv-bi/installed: requirements-bi.txt .venv/installed
	@echo "Installing Superset into .venv-bi"
	@$(PYTHON) -m venv --clear .venv-bi
	@$(UV) pip install --quiet --python .venv-bi/bin/python --require-hashes -r requirements-bi.txt
	@touch $@

.venv-worker/installed: requirements.txt requirements-worker.txt .venv/installed
	@echo "Installing what the image of docker-compose.yml holds into .venv-worker"
	@$(PYTHON) -m venv --clear .venv-worker
	@$(UV) pip install --quiet --python .venv-worker/bin/python --require-hashes -r requirements.txt -r requirements-worker.txt
	@touch $@

install: .venv/installed .venv-erp/installed .venv-fhir/installed ## Install everything locked, into .venv, .venv-erp and .venv-fhir

run: install ## Run the whole chain once and print the result
	@$(BIN)/python -m ledgerline.cli run

up: install .venv-bi/installed ## Start the long-running stack and print its URLs
	@$(BIN)/python -m ledgerline.cli up

listen: install ## Take HL7 v2 messages over MLLP until stopped
	@$(BIN)/python -m ledgerline.cli listen

down: ## Stop everything that run and up left running
	@test ! -x $(BIN)/python || $(BIN)/python -m ledgerline.cli down

test: install .venv-bi/installed ## Run every test but the long and the live ones
	@$(PYTEST) -m "not long and not live"

test-long: install .venv-bi/installed .venv-worker/installed ## Run the long tests: hospitals that are tainted, killed or refused
	@$(PYTEST) -m long

test-all: install .venv-bi/installed .venv-worker/installed ## Run what `test` and `test-long` run in one session, in less time
	@$(PYTEST) -m "not live"

test-live: install .venv-bi/installed ## Run the stories of an Airflow that runs by itself, before a release
	@$(PYTEST) -m live

lint: lint-style lint-types lint-imports lint-sql ## Lint, types, import contracts, SQL style

lint-style: install
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

lint-types: install
	@$(BIN)/mypy

lint-imports: install
	@$(BIN)/lint-imports

lint-sql: install
	@$(BIN)/sqlfluff lint --processes 2 dbt_project/models dbt_project/tests

check: lint ## What `lint` does, and the tests of the architecture
	@$(BIN)/python -m pytest -q tests/architecture

bench: install ## Measure speed, as ratios within one run
	@for each in bench/*.py; do echo "== $$each"; $(BIN)/python $$each || exit 1; done

fuzz: install ## Feed every parser 100,000 spoiled inputs
	@LEDGERLINE_FUZZ_INPUTS=$${INPUTS:-100000} $(BIN)/python -m pytest -q -s -m fuzz tests/integration

torture: install ## Kill processes and PostgreSQL while 10,000 documents a profile are posted
	@$(BIN)/python -m tests.integration.posting.torture $${POSTINGS:-10000} $${PROFILES:-REF KEY NONE} 2>/dev/null

torture-airflow: install ## Kill and mishandle Airflow, PostgreSQL and the ERP in mid-post, and Airflow under load; 40 minutes
	@$(BIN)/python -m tests.torture.airflow_kills $(CASES)
	@test -n "$(CASES)" || $(BIN)/python -m tests.torture.event_kills

mutate: install ## Try the tests on mutants of what decides about postings
	@$(BIN)/python -m tests.mutation

sbom: install ## Write the software bill of materials of every locked environment
	@mkdir -p sbom
	@for f in "" -erp -fhir -bi -worker; do $(BIN)/cyclonedx-py requirements requirements$$f.txt --output-reproducible --of JSON -o sbom/ledgerline$$f.cdx.json && echo sbom/ledgerline$$f.cdx.json; done

lock: ## Compile the requirements files with hashes
	@for f in "" -dev -docs -erp -fhir -bi -uv -worker; do $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links requirements$$f.in -o requirements$$f.txt; done

docs: .venv/installed .venv-docs/installed ## Write the generated pages and build the documentation site
	@$(BIN)/python docs/generate.py
	@$(BIN)/dbt parse $(DBT)
	@$(BIN)/dbt docs generate --static --empty-catalog --no-compile $(DBT)
	@.venv-docs/bin/sphinx-build --quiet --nitpicky --fail-on-warning docs $(SITE)
	@install -D $(STATE)/docs/dbt/static_index.html $(SITE)/dbt/index.html
	@echo "documentation: file://$(abspath $(SITE))/index.html"
