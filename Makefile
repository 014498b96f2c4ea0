# Two commands on a fresh machine: `make demo` and `make test`. Everything else is for who works on the package.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := .venv-demo
LOWEST := .venv-lowest
HIGHEST := .venv-highest
INITIAL := wagtail_flows/migrations/0001_initial.py
FRONTEND := wagtail_flows/frontend
# What the two mixins bring to a site: as a site that adopts them gets it.
OPT_IN := example_site/migrations/0002_opt_in_fields.py
MANAGE := -m django
TEST_SETTINGS := --settings=tests.settings

.PHONY: help demo test chaos install check frontend format migrations messages screenshots docs bench bench-data
.PHONY: test-lowest test-highest clean

help:
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: $(DEMO)/.installed ## run the example site with a queue and a mail server; Ctrl-C stops all of it
	@$(DEMO)/bin/python -m example_site

test: install ## run everything there is: SQLite, and PostgreSQL, Redis and Chromium where found
	$(BIN)/python -m tests -q

chaos: install ## 20,000 e-mails while workers are killed, connections cut and the mail server is rude (PostgreSQL; minutes)
	$(BIN)/python -m tests.chaos

install: $(VENV)/.installed ## make .venv with everything for development

check: install ## format, lint, types, import arrows, migrations, French catalogue, front end
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python $(MANAGE) makemigrations --check --dry-run wagtail_flows example_site $(TEST_SETTINGS)
	.ci/catalogue $(BIN)/python
	.ci/frontend

frontend: ## build the editors of the admin (needs Node 20.19 or newer); the build is committed
	cd $(FRONTEND) && npm ci --no-audit --no-fund && npm run build

format: install ## put the code in order
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Until the first release there is one migration, made anew each time. AFTER the first release this target must only add:
# only `makemigrations wagtail_flows example_site` is to stay.
migrations: $(LOWEST)/.installed ## make the migrations, on the oldest supported Django and Wagtail
	@rm -rf tests/fresh_migrations
	$(LOWEST)/bin/python $(MANAGE) makemigrations --skip-checks wagtail_flows --settings=tests.settings_migrations
	mv tests/fresh_migrations/0001_initial.py $(INITIAL)
	@rm -rf tests/fresh_migrations
	@mv $(OPT_IN) $(LOWEST)/opt_in.kept
	$(LOWEST)/bin/python $(MANAGE) makemigrations --skip-checks example_site --name opt_in_fields $(TEST_SETTINGS) \
	  || { mv $(LOWEST)/opt_in.kept $(OPT_IN); exit 1; }

messages: install ## collect what is to be translated, and compile the catalogues
	@mkdir -p wagtail_flows/locale
	$(BIN)/python .ci/frontend_words.py $(FRONTEND)/src > wagtail_flows/words.js
	cd wagtail_flows && ../$(BIN)/python -P -m django makemessages --locale fr --domain djangojs --no-obsolete --no-location \
	  --ignore=frontend --ignore=static
	rm wagtail_flows/words.js
	for package in wagtail_flows example_site; do (cd $$package \
	  && ../$(BIN)/python -P -m django makemessages --locale fr --no-obsolete --add-location=file --ignore=frontend \
	  && ../$(BIN)/python -P -m django compilemessages) || exit 1; done
	.ci/visitor-words wagtail_flows

screenshots: install ## do the tutorial in Chromium, and take the pictures of the documentation
	$(BIN)/python -m tests.browser.tutorial docs/images

docs: install ## write the references that are made from the code: settings, segments
	$(BIN)/python -m tests.house.settings_reference
	DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python -m tests.segments.segments_reference

bench: $(VENV)/.bench ## measure on PostgreSQL beside plain rivals; BENCH="--only engine --parts mails --size 100000" for less
	$(BIN)/python $(MANAGE) bench --settings=benchmarks.settings $(BENCH)

bench-data: install ## only make the databases that bench measures on
	$(BIN)/python $(MANAGE) bench --settings=benchmarks.settings --data-only $(BENCH)

test-lowest: $(LOWEST)/.installed ## the suite on the oldest supported Django and Wagtail (SQLite, no browser)
	DATABASE_URL= $(LOWEST)/bin/python -m pytest -q -m 'not browser'

test-highest: $(HIGHEST)/.installed ## the suite on the newest supported Django and Wagtail (SQLite, no browser)
	DATABASE_URL= $(HIGHEST)/bin/python -m pytest -q -m 'not browser'

clean: ## remove what the other targets made: environments, caches, the demo's data
	rm -rf .venv .venv-* var build *.egg-info htmlcov .coverage .hypothesis .*_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A virtual environment is made anew when setup.cfg changes. $(call environment,folder,python,requirements)
define environment
	$(2) -m venv $(1)
	$(1)/bin/python -m pip install --quiet --upgrade pip
	$(1)/bin/python -m pip install --quiet --editable $(3)
	touch $@
endef

$(VENV)/.installed: setup.cfg
	$(call environment,$(VENV),$(PYTHON),'.[dev]')

# A rival of the benchmark; nothing else needs it.
$(VENV)/.bench: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --editable '.[dev,bench]'
	touch $@

$(DEMO)/.installed: setup.cfg
	@echo "Installing the example site (once; a minute or two) ..."
	@$(call environment,$(DEMO),$(PYTHON),'.[demo]')

# Migrations are made on the oldest pair: those made on Wagtail 8 don't run on 7.4.
$(LOWEST)/.installed: setup.cfg
	$(call environment,$(LOWEST),$(PYTHON),'.[dev]' 'Django==5.2.*' 'wagtail==7.4.*')

# Django 6.1 needs Python 3.12.
$(HIGHEST)/.installed: setup.cfg
	$(call environment,$(HIGHEST),$$(.ci/newest-python),'.[dev]' 'Django==6.1.*' 'wagtail==8.0.*')
