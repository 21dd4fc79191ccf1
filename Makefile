# varstar: `make` prints what there is. Every target sets up what it needs by itself, on any
# machine with Python 3.11, pip and make.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash

PYTHON  ?= $(firstword $(shell command -v python3.11 python3.12 python3.13 python3 python))
PROFILE ?= laptop
JOBS    ?= 2

BIN   := .venv/bin
READY := .venv/.ready
NUMBERS := $(sort $(foreach n,$(wildcard notebooks/[0-9S][0-9]_*.ipynb),$(shell basename $(n) | cut -c1-2)))
# JupyterLab refuses root (a container's user) unless told that it is meant.
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)
# The tests run side by side, so each keeps to one thread.
ONE_THREAD := OMP_NUM_THREADS=1 TF_NUM_INTRAOP_THREADS=1 TF_NUM_INTEROP_THREADS=1

export TF_CPP_MIN_LOG_LEVEL ?= 3
export JUPYTER_PREFER_ENV_PATH := 1

# Notebooks run in their own folder: a relative path would mean another one there.
ifneq ($(strip $(VARSTAR_DATA)),)
export VARSTAR_DATA := $(abspath $(VARSTAR_DATA))
endif
ifneq ($(strip $(VARSTAR_CACHE)),)
export VARSTAR_CACHE := $(abspath $(VARSTAR_CACHE))
endif
ifneq ($(strip $(VARSTAR_FIGURES)),)
export VARSTAR_FIGURES := $(abspath $(VARSTAR_FIGURES))
endif

.PHONY: help env lab shell data test lint format reproduce $(NUMBERS:%=reproduce-%) verify publish gallery leaderboard docs \
        notebooks-update mutants benchmark lock clean clean-env

help: ## this list
	@echo "usage: make TARGET [PROFILE=smoke|laptop|real|paper]"
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | \
	    awk -F '\t' '{printf "  %-18s %s\n", $$1, $$2}'
	@echo "  reproduce-NN       one notebook: $(NUMBERS)"

env: $(READY) ## the environment .venv, exactly as requirements.lock says

$(READY): requirements.lock pyproject.toml .ci/install.py
	@test -n "$(PYTHON)" || { echo "No Python found: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	@$(PYTHON) .ci/install.py
	@touch $@

lab: $(READY) ## JupyterLab on the notebooks; options: make lab LAB="--no-browser --port 9000"
	$(BIN)/jupyter lab --notebook-dir=. $(AS_ROOT) $(LAB) notebooks/00_start_here.ipynb

shell: $(READY) ## a shell in which `varstar` and `python` are those of .venv
	@echo "varstar's environment; leave it with exit"
	@VIRTUAL_ENV=$(abspath .venv) PATH="$(abspath $(BIN)):$$PATH" $${SHELL:-bash} -i

data: $(READY) ## which surveys are here; SURVEY=name fetches one into VARSTAR_DATA
	@$(BIN)/python -m varstar data $(if $(SURVEY),fetch $(SURVEY))

reproduce: $(READY) ## all figures and tables into build/, from light curves; only what has changed
	@$(BIN)/python -m varstar reproduce --profile $(PROFILE)

$(NUMBERS:%=reproduce-%): reproduce-%: $(READY)
	@$(BIN)/python -m varstar reproduce --profile $(PROFILE) $*

verify: $(READY) ## compare what was reproduced with the committed figures and tables
	@$(BIN)/python -m varstar verify --profile $(PROFILE)

publish: $(READY) ## put what was reproduced in the place of figures/ and of the stored notebooks
	@$(BIN)/python -m varstar publish --profile $(PROFILE)

docs: $(READY) ## the site, into build/site
	@$(BIN)/python docs/build.py && echo "build/site/index.html"

leaderboard: $(READY) ## docs/leaderboard.md from the committed tables of notebook 06
	@$(BIN)/python -m varstar leaderboard

gallery: $(READY) ## remake figures/README.md and the README's table of results
	@$(BIN)/python -m varstar gallery

test: lint ## lint, unit tests, every notebook at its smallest against its stored outputs
	@$(ONE_THREAD) $(BIN)/python -m pytest --nbval-lax -n $(JOBS) --dist loadscope \
	    tests/notebooks tests

lint: $(READY) ## ruff: mistakes and layout
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: $(READY) ## let ruff mend mistakes and layout
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

notebooks-update: $(READY) ## run the notebooks at smoke and store what the tests compare
	@$(ONE_THREAD) $(BIN)/python -m varstar update

mutants: $(READY) ## plant slips at random and see whether the tests notice: docs/mutants.md (an hour)
	@PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python scripts/mutants.py $(MUTANTS)

benchmark: $(READY) ## how fast the slow things are, on this machine
	@for script in benchmarks/*.py; do echo "$$script"; $(BIN)/python "$$script" || exit 1; done

lock: $(READY) ## pin what pyproject.toml asks for (UPGRADE=1: the newest): requirements.lock, environment.yml
	@$(BIN)/python .ci/lock.py $(if $(UPGRADE),upgrade)
	@$(MAKE) --no-print-directory env

clean: ## away with what can be made again (executed notebooks, caches of steps, of tools)
	rm -rf build cache .pytest_cache .ruff_cache .hypothesis
	find . -path ./.venv -prune -o -name __pycache__ -print0 | xargs -0 rm -rf
	rm -f notebooks/*.tmp.ipynb notebooks/*.failed.ipynb

clean-env: ## away with .venv
	rm -rf .venv
