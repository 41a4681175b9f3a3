# make run   start the product (demo data on first start)
# make test  everything that must hold: lint, types, contracts, tests
# make bench speed, memory and weight, as ratios measured in one run
.PHONY: run test lint bench format catalogue translations clean
SHELL := /bin/sh
VENV ?= .venv
PYTHON := $(VENV)/bin/python
export TITIK_DEMO ?= 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

run: $(VENV)/.runtime translations
	@exec $(PYTHON) -m flask --app app.main serve

test: lint
	@sh tests/prepare-browser.sh $(PYTHON)
	$(PYTHON) -m pytest --numprocesses 2 --dist worksteal $(ARGS)

lint: $(VENV)/.development translations
	$(PYTHON) -m ruff check .
	$(PYTHON) -m mypy
	$(VENV)/bin/lint-imports
	$(PYTHON) -m djlint templates --lint --quiet
	$(VENV)/bin/deptry . --no-ansi

bench: $(VENV)/.development translations
	$(PYTHON) -m tests.bench $(ARGS)

format: $(VENV)/.development
	$(PYTHON) -m ruff check --fix .

# Bring the English catalogue up to date with the sentences in code and templates; what is translated stays.
catalogue: $(VENV)/.development
	@mkdir -p data
	$(PYTHON) -m babel.messages.frontend extract -F app/translations/babel.cfg -k _l -k _n:1,2 -k N_ -k lazy_gettext \
	  --no-location --sort-output -o data/messages.pot .
	$(PYTHON) -m babel.messages.frontend update -i data/messages.pot -d app/translations -l en \
	  --no-fuzzy-matching --ignore-obsolete --no-wrap --ignore-pot-creation-date

translations: app/translations/en/LC_MESSAGES/messages.mo app/translations/id/LC_MESSAGES/messages.mo

%.mo: %.po
	@$(PYTHON) -m babel.messages.frontend compile -i $< -o $@ >/dev/null 2>&1

$(VENV)/.runtime: requirements.txt requirements-lock.txt
	@sh .ci/make-venv $(VENV)
	@$(PYTHON) -m pip install --quiet --requirement requirements.txt --constraint requirements-lock.txt
	@touch $@

$(VENV)/.development: $(VENV)/.runtime requirements-dev.txt
	@$(PYTHON) -m pip install --quiet --requirement requirements-dev.txt --constraint requirements-lock.txt
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .hypothesis .import_linter_cache
