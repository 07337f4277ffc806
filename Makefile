# `make demo` and `make test` need python3 (3.10 or newer) with its venv module, and nothing else.
# All paths are relative, so the checkout may lie in a folder with a space in its name.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
# What the installed package is made of: when one of these is newer than the stamp, it is installed again.
SOURCES := pyproject.toml $(shell find pi_lint rules -type f -not -name '*.pyc')

# The first Python that is new enough and can make environments; PYTHON=... overrides it.
ifndef PYTHON
PYTHON := $(shell for each in python3 python3.14 python3.13 python3.12 python3.11 python3.10; do \
	$$each -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null \
	&& { echo $$each; break; }; done)
endif

.PHONY: help demo test lint clean

help:
	@echo 'make demo   check the example application and print what is found'
	@echo 'make test   run all tests'
	@echo 'make lint   ruff, mypy and pi-lint on pi-lint itself'
	@echo 'make clean  remove the environment and the caches'

demo: $(VENV)/demo.stamp
	$(BIN)/pi-lint check --exit-zero examples/telecom_selfservice

test: $(VENV)/test.stamp
	$(BIN)/pytest

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/flake8 --select=PIL pi_lint

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist

$(VENV)/python.stamp:
	@test -n "$(PYTHON)" || { echo 'Python 3.10 or newer with its venv module is needed (Debian: python3-venv).' >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/demo.stamp: $(VENV)/python.stamp $(SOURCES)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check .
	@touch $@

$(VENV)/test.stamp: $(VENV)/python.stamp $(SOURCES)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check '.[test]'
	@touch $@

$(VENV)/dev.stamp: $(VENV)/python.stamp $(SOURCES)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check '.[dev]'
	@touch $@
