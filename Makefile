# Bare make prints what there is. Every command sets up first what it needs.

PYTHON ?= python3
VENV := .venv/bin
PYPROJECTS := pyproject.toml $(wildcard shared/*/pyproject.toml services/*/pyproject.toml deploy/local/pyproject.toml)
BOOTSTRAP := $(wildcard deploy/local/bootstrap/*)

.PHONY: help demo up test check bench replay-check clean lock set-up
.DEFAULT_GOAL := help

help:
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 22

demo: set-up ## an incident, its clock, its breach before your eyes; EXIT=1 ends by itself
	@$(VENV)/deskstream demo $(if $(EXIT),--exit)

up: set-up ## PostgreSQL, Kafka and the services on loopback until Ctrl-C
	@$(VENV)/deskstream up

test: set-up ## the tests; ARGS= goes to pytest
	@$(VENV)/python -m pytest $(ARGS)

check: set-up ## lint, types, architecture, contracts and tests
	$(VENV)/ruff check
	$(VENV)/ruff format --check
	$(VENV)/mypy
	$(VENV)/python -m pytest

bench: set-up ## the figures of the README, measured here; WRITE=1 puts them there
	@$(VENV)/python tests/bench/run.py $(if $(WRITE),--write) $(if $(PROFILE),--profile) $(ONLY)

replay-check: set-up ## a company's log is replayed and reckoned apart; FILE= for another than the excerpt
	@$(VENV)/python tests/replay_check/check.py $(FILE)

clean: ## remove what make set up and made, never data
	@rm -rf .venv .tools .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@echo "Data of the local platform stay in .deskstream: rm -r .deskstream deletes them for good."

lock: set-up ## resolve the dependencies anew and write the locks
	@.tools/bin/uv lock --upgrade
	@.tools/bin/uv export --frozen --all-packages --all-groups --no-emit-workspace --no-header \
		--no-annotate --format requirements-txt --quiet > requirements.lock
	@$(VENV)/python -m deskstream_platform.jars lock

set-up: .venv/set-up-done

.venv/set-up-done: requirements.lock $(PYPROJECTS) $(BOOTSTRAP)
	@command -v $(PYTHON) > /dev/null || { echo "There is no $(PYTHON): install Python 3.11 or later."; exit 1; }
	@$(PYTHON) deploy/local/bootstrap/set_up.py
