# The commands of this project; `make help` lists them. The work is done by scripts/.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup demo demo-load serve test check coverage bench format lock clean
export PORT

help: ## this list
	@sed -nE 's/^([a-z-]+):.*## /\1|/p' $(MAKEFILE_LIST) | while IFS='|' read -r name words; do printf '  make %-11s %s\n' "$$name" "$$words"; done

demo: ## everything from nothing, then web server and worker in the foreground (PORT=8000); Ctrl-C stops all
	@STEPS=9 scripts/bootstrap demo
	@STEPS=9 scripts/demo serve

demo-load: ## the same without serving
	@STEPS=8 scripts/bootstrap demo
	@STEPS=8 scripts/demo load

serve: ## web server and worker on what is loaded
	@STEPS=4 scripts/bootstrap demo
	@echo "[4/4] starting database, web server and worker"
	@scripts/database run -- .venv/bin/python -m scripts.serve

test: ## set-up, then all tests; ARGS="-k words" goes to pytest
	@STEPS=4 scripts/bootstrap test
	@echo "[4/4] tests"
	@scripts/database run -- .venv/bin/python -m pytest -n 2 $(ARGS)

coverage: ## the tests with branch coverage, and the modules that must have all of it
	@STEPS=4 scripts/bootstrap test
	@echo "[4/4] tests with coverage"
	@scripts/database run -- .venv/bin/python -m pytest -n 2 --cov --cov-report=term $(ARGS)
	@.venv/bin/python -m scripts.coverage

check: ## ruff, format, mypy, import contracts, tsc, vitest, generated docs
	@STEPS=4 scripts/bootstrap check
	@echo "[4/4] checks"
	@scripts/check

bench: ## the benchmarks, each with its limit from the same run; ONLY=locate,report runs a part
	@STEPS=4 scripts/bootstrap bench
	@echo "[4/4] benchmarks"
	@scripts/database run -- .venv/bin/python -m bench $(if $(ONLY),--only $(ONLY))

setup: ## packages and pages only, all that tests need
	@STEPS=3 scripts/bootstrap test

format: ## lets ruff put the Python into order
	@.venv/bin/ruff check --fix . ; .venv/bin/ruff format .

lock: ## requirements*.in → requirements*.lock; ARGS=--upgrade takes the newest
	@scripts/lock $(ARGS)

clean: ## stops and deletes the private database, all packages and everything built; sources stay
	@scripts/database remove
	@rm -rf var .venv web/static web/client/node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
