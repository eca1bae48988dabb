# Everything a newcomer types. `make` alone lists it.

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
BENCHMARKS := freshness identity intake pages pull reconcile search

.DEFAULT_GOAL := help
.PHONY: help install demo test check format bench soak lock wheel screenshots clean

help:  ## list these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)$$/\1	\2/' | awk -F'\t' '{printf "  make %-12s %s\n", $$1, $$2}'

install: $(STAMP)  ## make .venv with everything in it; a second call is quick and needs no network

$(STAMP): pyproject.toml requirements/dev.lock requirements/node.lock package-lock.json tools/install.sh tools/assets.py
	@PYTHON="$(PYTHON)" tools/install.sh
	@touch $@

demo: install  ## companion and a pretend shop, to try everything in the browser
	@$(BIN)/companion demo

test: install  ## all tests, on every core, with the branches they cover
	@$(BIN)/pytest -q -n auto --dist worksteal --cov --cov-branch --cov-report=term

check: install  ## format, lint, types, direction of imports
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: install  ## write the code as `make check` wants it
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: install  ## every benchmark, one after the other
	@for name in $(BENCHMARKS); do echo "== $$name"; $(BIN)/python -m benchmarks.$$name || exit 1; done

soak: install  ## a thousand random histories, two hundred kills, every test on both databases: hours, not minutes
	@COMPANION_SOAK_HISTORIES=$${HISTORIES:-1000} $(BIN)/pytest -q -n 2 tests/sync/test_convergence.py
	@COMPANION_SOAK_KILLS=$${KILLS:-200} $(BIN)/pytest -q tests/e2e/test_kill.py
	@COMPANION_BOTH_DATABASES=1 $(BIN)/pytest -q -n auto --dist worksteal

lock:  ## write requirements/*.lock anew from pyproject.toml (UPGRADE=1 takes newer versions)
	@PYTHON="$(PYTHON)" UPGRADE="$(UPGRADE)" tools/lock.sh

wheel: install  ## dist/companion-….whl, with its script, font and translations inside
	@$(BIN)/python -m hatchling build --target wheel

screenshots: install  ## pictures of every page into screenshots/
	@$(BIN)/python tools/screenshots.py

clean:  ## remove what was made here: .venv, caches, the demo's store
	rm -rf .venv node_modules companion/web/static/vendor demo screenshots dist build htmlcov .coverage \
		.mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find companion -name '*.mo' -delete
