# Every verb does its own set-up: a machine with Python 3.11 or newer and make is enough.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
READY := .venv/.ready
MANIFESTS := pyproject.toml hatch_extras.py simulator/pyproject.toml demo/pyproject.toml

NODE_20 := $(shell command -v npm >/dev/null && \
	node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' \
	&& echo yes)
FRONT_END := $(if $(NODE_20),node_modules/.ready console/node_modules/.ready)

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

node_modules/.ready: package.json package-lock.json
console/node_modules/.ready: console/package.json console/package-lock.json
$(FRONT_END):
	cd $(@D)/.. && npm ci --loglevel=error
	@touch $@

check: $(READY) $(FRONT_END)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python .ci/front_end.py check

test: $(READY) $(FRONT_END)
	$(BIN)/python -m pytest -m "not chaos and not timing" -n 4 --dist loadfile $(ARGS)
	$(BIN)/python -m pytest -m "timing and not chaos" $(ARGS) || test $$? = 5  # 5: ARGS name none
	$(BIN)/python .ci/front_end.py test

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
