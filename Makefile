# Every target makes what it needs: the virtual environment, the packages, a browser. `make help` lists them.

# The first Python on the path that is 3.11 or newer, answers, and can make virtual environments.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	if $$name -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then echo $$name; break; fi; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help setup run test test-long lint pictures bench clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/test.stamp ## the virtual environment with everything, tests and tools included

run: $(VENV)/run.stamp ## the product in a browser, with a demo workspace where the database is new
	@exec $(BIN)/python -m segcore serve

# Browsers come after what only computes. Two of them and their servers fill two processors, so what failed beside the
# other is asked once more alone; what fails again has failed.
test: lint chromium ## lint, then every test that is not long
	$(BIN)/python -m pytest -m "not long and not browser" -n 2 --dist worksteal $(TESTS)
	$(BIN)/python -m pytest -m "not long and browser" -n 2 --dist loadfile $(TESTS) || \
	$(BIN)/python -m pytest -m "not long and browser" --last-failed --last-failed-no-failures none $(TESTS)

test-long: chromium ## the tests that take longer than a coffee
	$(BIN)/python -m pytest -m long $(TESTS)

lint: $(VENV)/test.stamp ## ruff (check and format) and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

pictures: chromium ## drives the product and writes docs/images
	$(BIN)/python docs/pictures.py

bench: $(VENV)/test.stamp ## the preview of one filter over a million people, beside DuckDB and SQLite
	$(BIN)/python -m benchmarks.preview

clean: ## removes the virtual environment and caches; data/ stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis

.PHONY: chromium
chromium: $(VENV)/test.stamp
	@sh tests/chromium.sh $(BIN)/python

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Segcore needs Python 3.11 or newer, with venv; none was found on the path. Name one: make PYTHON=/path/to/python3.12 …" >&2; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv --clear $(VENV)

# A stamp is older than the list it was made from once the list changes, and then only the difference is installed.
$(VENV)/run.stamp: requirements.txt | $(BIN)/python
	@echo "Installing requirements.txt (a minute or two, once)"
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/test.stamp: requirements.txt requirements-test.txt | $(BIN)/python
	@echo "Installing requirements-test.txt (some minutes, once)"
	@$(PIP) -r requirements-test.txt
	@touch $@ $(VENV)/run.stamp
