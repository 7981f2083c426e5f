# Two commands: `make run` serves the app, `make test` tests it. `make help` lists the rest.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test test-hard bench lint format words sure lock clean

export HOST ?= 127.0.0.1
export PORT ?= 8000

PYTHON = $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PY := .venv/bin/python
PIP = $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes
PYTEST = $(PY) -m pytest -n 2 --dist worksteal
BABEL = $(PY) -m babel.messages.frontend
KEYWORDS = --keywords=lazy_gettext --keywords=lazy_ngettext:1,2
COMPILE = $(PY) -m piptools compile --quiet --upgrade --generate-hashes --strip-extras --allow-unsafe --no-header \
	--no-annotate --no-emit-index-url --no-emit-trusted-host --no-emit-find-links

help: ## Say what there is
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 16

run: .venv/run.stamp ## Serve the app on http://localhost:8000, with the worker beside it (HOST=, PORT=)
	@$(PY) -m mutualaid.run

test: .venv/dev.stamp .venv/chromium.stamp ## Run every test, on SQLite and on PostgreSQL (ARGS="tests/aid -x" is passed on to pytest)
	@DATABASE_URL= $(PYTEST) $(ARGS)
	@$(PY) -m tests.with_postgresql $(PYTEST) $(ARGS)

test-hard: ## Before a release: ten times as many examples where tests make up their own, and whatever takes long
	@HYPOTHESIS_PROFILE=hard $(MAKE) --no-print-directory test ARGS="-m hypothesis $(ARGS)"
	@$(MAKE) --no-print-directory test ARGS="tests/hard $(ARGS)"

bench: .venv/dev.stamp ## Measure it on made data (ARGS="desk --posts 100000", ARGS=--json)
	@$(PY) -m benchmarks $(ARGS)

lint: .venv/dev.stamp ## Check style, types, import directions, templates and dependencies
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -m bandit --quiet --recursive --severity-level medium --configfile pyproject.toml mutualaid wsgi.py gunicorn.conf.py
	.venv/bin/lint-imports --no-logo
	$(PY) -m djlint --quiet --lint templates
	@$(PY) -c 'import configparser; setup = configparser.ConfigParser(); setup.read("setup.cfg"); \
		print(setup["options"]["install_requires"])' > .venv/floors.txt
	$(PY) -m deptry . --no-ansi --requirements-files .venv/floors.txt

format: .venv/dev.stamp ## Bring the code into shape, as far as ruff can
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

words: .venv/dev.stamp ## Bring the translations up to date with the code, and compile them
	@$(BABEL) --quiet extract --mapping-file=translations/babel.cfg $(KEYWORDS) --add-comments=TRANSLATORS: --strip-comments \
		--project=mutualaid --version=all --no-location --sort-output --no-wrap --output-file=.venv/messages.pot .
	@$(BABEL) --quiet update --input-file=.venv/messages.pot --output-dir=translations --no-fuzzy-matching --ignore-obsolete \
		--ignore-pot-creation-date --no-wrap
	@$(BABEL) compile --directory=translations --statistics

sure: lint test ## Everything that CI checks

lock: .venv/dev.stamp ## Write the lock files anew, with the newest versions that setup.cfg allows
	$(PY) -m pip install --quiet --disable-pip-version-check pip-tools
	$(COMPILE) --output-file requirements.txt setup.cfg
	$(COMPILE) --extra test --extra lint --constraint requirements.txt --output-file requirements-dev.txt setup.cfg
	@# It is part of Python 3.14.
	@sed -i 's/^\(backports-zstd==[^ ]*\) /\1 ; python_version < "3.14" /' requirements.txt requirements-dev.txt

clean: ## Remove what make has made; instance/ with your data stays
	rm -rf .venv build dist *.egg-info .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache test-results
	find mutualaid migrations tests -name __pycache__ -type d -exec rm -rf {} +

# Stamps are written last: whatever was interrupted is done again.
.venv/run.stamp: requirements.txt .venv/bin/python
	@echo "Installing what the app needs. This happens once and takes a minute or a few."
	@$(PIP) -r requirements.txt
	@touch $@

.venv/dev.stamp: requirements-dev.txt .venv/bin/python
	@echo "Installing what the tests need. This happens once and takes two minutes or a few."
	@$(PIP) -r requirements-dev.txt
	@touch $@

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "Python's venv is not complete here. On Debian or Ubuntu: sudo apt-get install python3-venv"; exit 1; }
	@$(PYTHON) -m venv --clear .venv || { rm -rf .venv; exit 1; }

# Browser tests use Debian's chromium. Where it cannot be installed they are skipped, and the tests say so.
.venv/chromium.stamp: bin/install-chromium .venv/bin/python
	@command -v chromium-headless-shell >/dev/null || bin/install-chromium
	@if command -v chromium-headless-shell || command -v chromium; then touch $@; fi >/dev/null
