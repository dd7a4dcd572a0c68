# `make` lists what can be done. README.md needs two of these: `make run` and `make test`.
.DEFAULT_GOAL := help
.PHONY: help setup setup-test run test check format bench eval faults demo lock

# Every start reads what an earlier one compiled into .venv, whatever the machine is set to.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done || echo python3)
ARGS ?=

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Create the virtual environment and prepare the embedding model
	@$(PYTHON) scripts/set_up.py

run: setup ## Set up, ingest kb/ and serve on http://127.0.0.1:8000 (ARGS="--port 8001")
	@$(BIN)/python scripts/feed.py
	@exec $(BIN)/answerdesk serve $(ARGS)

test: setup-test ## Everything the tests need, then all tests (ARGS="tests/knowledge -k word")
	@$(BIN)/pytest $(ARGS)

setup-test:
	@$(PYTHON) scripts/set_up.py --test

check: setup-test ## Lint, format, types, imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: setup-test ## Format, and mend what can be mended
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: setup-test ## Repeatable measurements beside their baselines
	@$(BIN)/python -m benchmarks $(ARGS)

eval: setup ## Measure on the labelled questions beside the checkout and write docs/evaluation.md
	@scripts/eval $(ARGS)

faults: setup-test ## The long kill and race runs
	@FAULT_KILLS=200 FAULT_INGEST_KILLS=200 FAULT_RACES=1000 FAULT_CUTS=100 FAULT_OUTAGE_S=60 $(BIN)/pytest tests/faults --timeout 7200 -s $(ARGS)

demo: setup ## Believable conversations, drafts and usage in a data folder of their own
	@exec $(BIN)/python -m scripts.demo $(ARGS)

lock: setup-test ## Write the lock files anew (ARGS=--upgrade)
	@scripts/lock $(ARGS)
