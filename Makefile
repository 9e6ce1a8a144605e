# `make` lists the commands. Each sets up .venv first when that is missing or out of date.

VENV := .venv
PY := $(VENV)/bin/python
# What .venv is made from: that of an earlier set-up when it works, else python3.
PYTHON ?= $(shell $(PY) -m pip --version >/dev/null 2>&1 && echo $(PY) || echo python3)
UV := $(VENV)/bin/uv
# For every Python that the product supports, whichever one makes the lock.
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command 'make lock'
SET_UP := $(VENV)/.set-up
BENCH_SET_UP := $(VENV)/.set-up-bench
E2E_SET_UP := $(VENV)/.set-up-e2e
DEMO_OUTPUT ?= demo-output

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help set-up demo serve test test-pages audit lint bench lock schema clean check-postgresql check-tools check-browser

help: ## List these commands
	@echo 'make COMMAND, where COMMAND is one of:'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | awk -F'|' '{printf "  %-8s %s\n", $$1, $$2}'

set-up: $(SET_UP) ## Make .venv, with the locked versions of everything

demo: $(SET_UP) ## Play one evening of snow in Cambridge; maps and plan go to demo-output
	$(PY) -m api.cli demo --out "$(DEMO_OUTPUT)" $(ARGS)

serve: $(SET_UP) ## Serve a city in a storm on this machine, with sign-ins at one press
	$(PY) -m api.cli serve --demo $(ARGS)

test: $(SET_UP) check-postgresql check-tools ## Run the tests, on SQLite and PostgreSQL; ARGS="tests/unit -k snow" runs some
	$(PY) -m pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)
ifeq ($(ARGS),)
	@$(MAKE) --no-print-directory test-pages
endif

# In a process of its own: a browser's event loop and those of the other tests do not go together.
test-pages: $(E2E_SET_UP) check-browser ## Run the tests in a browser alone; pictures of the pages go to e2e-output
	$(PY) -m pytest tests/e2e $(ARGS)

audit: $(E2E_SET_UP) check-browser check-tools ## Look at every kind of page with Lighthouse and an HTML checker; the table goes to audit-output
	@command -v java >/dev/null || { echo 'The HTML checker needs Java: install it (Debian: apt-get install default-jre-headless).' >&2; exit 2; }
	cd tests/audit && npm ci --ignore-scripts --no-audit --no-fund --silent
	$(PY) -m tests.audit.run $(ARGS)

lint: $(SET_UP) ## Check style, formatting, types and layers
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) $(VENV)/bin/lint-imports
	$(PY) -m api.cli graphql export --check

bench: $(BENCH_SET_UP) ## Compare with other engines on small problems; ARGS="--full" runs all sizes, for hours
	$(PY) -m benchmarks.run $(ARGS)

lock: $(SET_UP) ## Renew the lock files; ARGS=--upgrade takes newer versions too
	$(LOCK) --extra postgres --group dev $(ARGS) pyproject.toml -o requirements.lock
	$(LOCK) --group bench --constraint requirements.lock $(ARGS) -o requirements-bench.lock
	$(LOCK) --group e2e --constraint requirements.lock $(ARGS) -o requirements-e2e.lock

schema: $(SET_UP) ## Write graphql/schema.graphql and graphql/manifest.json anew
	$(PY) -m api.cli graphql export $(ARGS)

clean: ## Remove what these commands made: .venv, caches, builds and demo-output
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	rm -rf build dist *.egg-info e2e-output audit-output tests/audit/node_modules "$(DEMO_OUTPUT)"
	find . -name .git -prune -o -type d -name __pycache__ -prune -exec rm -rf {} +

# uv comes from the lock as well, by its hashes: the first line that does not go on ends its entry.
$(SET_UP): pyproject.toml requirements.lock
	@command -v "$(PYTHON)" >/dev/null || { echo "Talkoot needs Python 3.11, 3.12 or 3.13, and there is no $(PYTHON): install one, or name it, as in: make PYTHON=/path/to/python3.12" >&2; exit 2; }
	@"$(PYTHON)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { echo "Talkoot needs Python 3.11, 3.12 or 3.13, and $(PYTHON) is $$("$(PYTHON)" -V 2>&1): name another one, as in: make PYTHON=python3.12" >&2; exit 2; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments: install its venv module (Debian: apt-get install python3-venv)" >&2; exit 2; }
	@[ "$$($(PY) -V 2>&1)" = "$$("$(PYTHON)" -V 2>&1)" ] && $(PY) -m pip --version >/dev/null 2>&1 || \
		{ echo "Making $(VENV) with $$("$(PYTHON)" -V)"; "$(PYTHON)" -m venv --clear $(VENV); }
	@awk '/^uv==/ {on = 1} on {print} on && !/\\$$/ {exit}' requirements.lock >$(VENV)/uv.txt
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $(VENV)/uv.txt
	$(UV) pip install --quiet --python $(PY) --compile-bytecode --require-hashes -r requirements.lock
	$(UV) pip install --quiet --python $(PY) --no-deps -e .
	@touch $@

$(BENCH_SET_UP): requirements-bench.lock $(SET_UP)
	$(UV) pip install --quiet --python $(PY) --compile-bytecode --require-hashes -r requirements-bench.lock
	@touch $@

$(E2E_SET_UP): requirements-e2e.lock $(SET_UP)
	$(UV) pip install --quiet --python $(PY) --compile-bytecode --require-hashes -r requirements-e2e.lock
	@touch $@

# Without PostgreSQL its tests are skipped; where CI=true they fail.
check-postgresql: $(SET_UP)
	@$(PY) -m tests.postgres && exit; \
	if [ "$$(id -u)" = 0 ] && [ -f /etc/debian_version ]; then \
		echo 'The tests need PostgreSQL: installing it (apt-get install postgresql).'; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
			apt-get install -y -qq --no-install-recommends postgresql >/dev/null && exit; \
	fi; \
	echo 'The tests need the programs of a PostgreSQL server, 15 or later: install them (Debian: apt-get install postgresql), or set TALKOOT_TEST_PG_URL.' >&2

# Clients of others speak with the API in JavaScript, and its docs in a shell. Likewise: skipped
# without these programs, a failure in CI.
check-tools:
	@command -v node >/dev/null && command -v npm >/dev/null && command -v curl >/dev/null && \
		command -v jq >/dev/null && exit; \
	if [ "$$(id -u)" = 0 ] && [ -f /etc/debian_version ]; then \
		echo 'The tests of the API need programs: installing them (apt-get install nodejs npm curl jq).'; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
			apt-get install -y -qq --no-install-recommends nodejs npm curl jq >/dev/null && exit; \
	fi; \
	echo 'The tests of the API need node, npm, curl and jq: install them (Debian: apt-get install nodejs npm curl jq).' >&2

# Likewise: without a browser its tests are skipped, and fail where CI=true.
check-browser:
	@command -v chromium >/dev/null && exit; \
	if [ "$$(id -u)" = 0 ] && [ -f /etc/debian_version ]; then \
		echo 'The tests of the pages need a browser: installing it (apt-get install chromium).'; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
			apt-get install -y -qq --no-install-recommends chromium >/dev/null && exit; \
	fi; \
	echo 'The tests of the pages need chromium: install it (Debian: apt-get install chromium), or set TALKOOT_TEST_CHROMIUM to its path.' >&2
