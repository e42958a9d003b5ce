# Everything starts here: each verb sets up what it needs (skipped when nothing changed) and then does it.
PYTHON ?= $(shell command -v python3.11 || command -v python3)

.PHONY: run test coverage lint types bench chaos clean
run test coverage lint types bench chaos:
	@$(PYTHON) scripts/setup.py $@

clean: # leaves the data folder alone
	rm -rf .venv .stamps web/static web/client/node_modules .coverage* .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
