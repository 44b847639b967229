# Every verb does its own set-up: a machine with Python 3.11 or newer and make is enough.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
READY := .venv/.ready
MANIFESTS := pyproject.toml hatch_extras.py simulator/pyproject.toml demo/pyproject.toml

.PHONY: setup check test demo serve simulate bench chaos docs

setup: $(READY)

$(READY): requirements-dev.txt $(MANIFESTS)
	@test -n "$(PYTHON)" || { echo "需要 Python 3.11+ (Python 3.11 or newer is needed)"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		-r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
		--no-build-isolation -e . -e simulator -e demo
	@touch $@

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: $(READY)
	$(BIN)/python -m pytest -m "not chaos" $(ARGS)

demo: $(READY)
	$(BIN)/wxlogin demo $(ARGS)

serve: $(READY)
	$(BIN)/wxlogin serve $(ARGS)

simulate: $(READY)
	$(BIN)/wechat-simulator $(ARGS)

bench: $(READY)
	$(BIN)/python -m benchmarks $(ARGS)

chaos: $(READY)
	$(BIN)/python -m pytest -m chaos $(ARGS)

docs: $(READY)
	$(BIN)/python docs/build.py
