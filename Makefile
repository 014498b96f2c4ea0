# Two commands on a fresh machine: `make demo` and `make test`. Everything else is for who works on the package.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOWEST := .venv-lowest
INITIAL := wagtail_flows/migrations/0001_initial.py

.PHONY: help install migrations

help:
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

install: $(VENV)/.installed ## make .venv with everything for development

$(VENV)/.installed: setup.cfg
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

# The oldest supported pair. Migrations are made on it: those made on Wagtail 8 don't run on 7.4.
$(LOWEST)/.installed: setup.cfg
	$(PYTHON) -m venv $(LOWEST)
	$(LOWEST)/bin/python -m pip install --quiet --upgrade pip
	$(LOWEST)/bin/python -m pip install --quiet --editable '.[dev]' 'Django==5.2.*' 'wagtail==7.4.*'
	touch $@

# Until the first release there is one migration, made anew each time. AFTER the first release this target must only add:
# take the three lines about $(INITIAL) away then.
migrations: $(LOWEST)/.installed ## make the migrations, on the oldest supported Django and Wagtail
	@test ! -f $(INITIAL) || mv $(INITIAL) $(LOWEST)/0001_initial.kept
	$(LOWEST)/bin/python -m django makemigrations wagtail_flows --settings=tests.settings \
	  || { mv $(LOWEST)/0001_initial.kept $(INITIAL); exit 1; }
	@rm -f $(LOWEST)/0001_initial.kept
