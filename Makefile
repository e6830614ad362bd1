# Undersigned: the commands of everyday work. `make` alone lists them.

SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
# The tests start some hundred processes, and each would compile the code again.
unexport PYTHONDONTWRITEBYTECODE

# Which Python builds the environment: the first of these that is 3.11 or newer. Name another with `make PYTHON=… setup`.
PYTHON ?=
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input install -qq --require-hashes
# The code that is linted and type-checked, of which a young checkout may lack some.
CODE := $(wildcard app config.py wsgi.py deploy/*.py migrations tests bench)

# A word that nothing here reads would be ignored in silence: `make run 8001`, `make run port=8001`.
KNOWN := PORT PYTHON FILTER DEATHS UPGRADE MAKEFLAGS SHELL
GIVEN := $(foreach name,$(.VARIABLES),$(if $(filter command,$(firstword $(origin $(name)))),$(name)))
UNKNOWN := $(filter-out $(KNOWN) UNDERSIGNED_%,$(GIVEN))
ifneq ($(UNKNOWN),)
$(error “$(firstword $(UNKNOWN))” is not known here. Another port: make run PORT=8001. `make` alone lists the commands)
endif
ifneq ($(filter run,$(MAKECMDGOALS)),)
ifneq ($(filter-out run setup,$(MAKECMDGOALS)),)
$(error “$(firstword $(filter-out run setup,$(MAKECMDGOALS)))” can’t follow `make run`. Another port: make run PORT=8001)
endif
endif

.PHONY: help setup setup-dev run test soak lint check bench pins clean environment
help: ## Show this list
	@echo "Undersigned. Start with: make run"
	@echo
	@sed -n 's/^\([a-z]*\):.*## /  make \1|/p' $(firstword $(MAKEFILE_LIST)) | awk -F'|' '{ printf "%-14s %s\n", $$1, $$2 }'

environment:
	@if [ -d .venv ] && ! $(BIN)/python -c 'import pip' >/dev/null 2>&1; then \
	  echo "The virtual environment in .venv is incomplete or was moved: making it anew."; rm -rf .venv; fi
	@if [ ! -d .venv ]; then \
	  python=""; \
	  for candidate in $(or $(PYTHON),python3.11 python3 python3.12 python3.13 python3.14); do \
	    if $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then python=$$candidate; break; fi; done; \
	  if [ -z "$$python" ]; then \
	    echo "Undersigned needs Python 3.11 or newer, and none was found$(if $(PYTHON), as $(PYTHON),): install it and run make again." >&2; exit 1; fi; \
	  if ! $$python -c 'import venv, ensurepip' >/dev/null 2>&1; then \
	    echo "Undersigned needs Python's venv module, which is missing here: install it (Debian, Ubuntu: apt install python3-venv) and run make again." >&2; exit 1; fi; \
	  echo "Making a virtual environment in .venv with $$($$python --version) …"; \
	  $$python -m venv .venv || { rm -rf .venv; echo "The virtual environment could not be made; the lines above say why." >&2; exit 1; }; \
	fi

setup: environment ## Make the virtual environment and install the pinned parts
	@if ! cmp -s requirements.txt .venv/requirements.installed; then \
	  echo "Installing the pinned parts into .venv (about 100 MB, one to two minutes) …"; \
	  $(PIP) -r requirements.txt || { echo "The parts could not be installed; the lines above say why. Run make again to go on." >&2; exit 1; }; \
	  cp requirements.txt .venv/requirements.installed; echo "Installed."; \
	fi

setup-dev: environment
	@if ! cmp -s requirements-dev.txt .venv/requirements-dev.installed; then \
	  echo "Installing the pinned parts and the tools for tests into .venv (about 260 MB, one to three minutes) …"; \
	  $(PIP) -r requirements-dev.txt || { echo "The parts could not be installed; the lines above say why. Run make again to go on." >&2; exit 1; }; \
	  cp requirements-dev.txt .venv/requirements-dev.installed; cp requirements.txt .venv/requirements.installed; echo "Installed."; \
	fi

run: setup ## Serve the demonstration on http://127.0.0.1:8000 with its worker and mailbox
	@exec $(BIN)/python -m app.demonstration

test: setup-dev ## Run every test (FILTER="tests/mail -x" narrows it)
	@$(BIN)/python -m pytest $(or $(FILTER),-n $$(($$(nproc) + 1)) --dist worksteal)

soak: setup-dev ## Kill workers and web processes at 1,000 random points each, over both databases (DEATHS=100: fewer)
	@UNDERSIGNED_SOAK=$(or $(DEATHS),1000) $(BIN)/python -m pytest tests/crash -q -k "at_random or web_processes or one_of_each_dies_and_one_is_cut_off_under_load"

lint: setup-dev ## Check style, types and the import contracts
	@echo "ruff: style …" && $(BIN)/ruff check -q $(CODE) && $(BIN)/ruff format --check $(CODE)
	@echo "mypy: types …" && $(BIN)/mypy $(CODE)
	@echo "import-linter: who may import whom …" && $(BIN)/lint-imports --config pyproject.toml

check: lint test ## Lint, then test

bench: setup-dev ## Measure against honest yardsticks; writes bench/results.md (PART="growth memory": only these)
	@$(BIN)/python -m bench $(PART)

# Not in the list: resolve the parts again after a change in pyproject.toml.
pins: environment
	@$(BIN)/python -m pip -qq install uv==0.13.9
	@UV_CUSTOM_COMPILE_COMMAND="make pins" $(BIN)/uv pip compile -q --generate-hashes --universal --python-version 3.11 \
	  --no-emit-index-url --no-emit-find-links pyproject.toml -o requirements.txt $(UPGRADE)
	@UV_CUSTOM_COMPILE_COMMAND="make pins" $(BIN)/uv pip compile -q --generate-hashes --universal --python-version 3.11 \
	  --no-emit-index-url --no-emit-find-links --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt $(UPGRADE)

# Not in the list: remove what make made, but never the demonstration's data.
clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
