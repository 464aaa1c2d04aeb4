# Everything starts here: `make` alone lists what there is. What was done already is not done again.

PYTHON ?= python3
PY := .venv/bin/python
PIP := .venv/bin/pip --disable-pip-version-check install --quiet --require-hashes
NPM := npm --no-update-notifier
export PYTHON
export PATH := $(CURDIR)/.venv/node/bin:$(PATH)

CATALOGUES := $(patsubst %.po,%.mo,$(wildcard platform/*/translations/*/LC_MESSAGES/*.po))
# The sprite of icons is made of those that templates and Python name.
SOURCES := $(shell find static/src static/css platform -type f \( -name '*.ts' -o -name '*.scss' -o -name '*.json' -o -name '*.html' \)) \
           $(shell grep --recursive --files-with-matches --extended-regexp --include='*.py' '(icon|picture)[^a-z ]' platform)

.DEFAULT_GOAL := help
.PHONY: help setup build run demo migrate backup test check format

help:  ## list the targets
	@echo "Tongke 同课. Make targets:"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1@\2/p' $(MAKEFILE_LIST) | sed 's/@/\t/' | expand -t 12

setup: .venv/.ready  ## make .venv and install what the application needs

build: static/dist/manifest.json $(CATALOGUES)  ## build scripts, styles and translations

run: setup build  ## start the site on http://127.0.0.1:8000 (HOST, PORT and others: see .env.example)
	@exec $(PY) app.py --migrate

demo: setup build  ## the same with a sample group of schools in a throw-away data folder
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT INT TERM && DATA_DIR="$$folder" DATABASE_URL= DEMO=1 $(PY) app.py

migrate: setup  ## bring the database to this version
	@$(PY) app.py migrate

backup: setup  ## back everything up into FILE, also while people work: make backup FILE=/backups/today.zip
	@$(PY) -m flask --app app backup create "$(FILE)"

test: .venv/.ready-dev build  ## run every test; ARGS="tests/web -x" for some
	@scripts/test.sh $(ARGS)

check: .venv/.ready-dev build  ## formatting, linting, types, layers
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	PYTHONPATH=platform .venv/bin/lint-imports --no-cache
	.venv/bin/djlint --lint --quiet platform
	$(NPM) run --silent check

format: .venv/.ready-dev  ## format Python and templates
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

.venv/bin/python:
	@scripts/venv.sh

.venv/.ready: .venv/bin/python requirements.txt
	@echo "Installing Python packages"
	@$(PIP) -r requirements.txt
	@touch $@

.venv/.ready-dev: .venv/.ready requirements-dev.txt
	@echo "Installing Python packages for development"
	@$(PIP) -r requirements-dev.txt
	@touch $@

.venv/.node: .venv/.ready requirements-node.txt
	@scripts/node.sh
	@touch $@

node_modules/.package-lock.json: package.json package-lock.json .venv/.node
	@echo "Installing front-end packages"
	@$(NPM) ci --silent
	@touch $@

static/dist/manifest.json: node_modules/.package-lock.json vite.config.ts $(SOURCES)
	@echo "Building scripts and styles"
	@$(NPM) run --silent build -- --logLevel error
	@touch $@

%.mo: %.po .venv/.ready
	@$(PY) -m babel.messages.frontend --quiet compile --input-file $< --output-file $@
