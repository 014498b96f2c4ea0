"""Settings for `make migrations`: the first migration is made anew, beside the old one, as if nobody needed it yet."""

from tests.settings import *  # noqa: F403


FRESH = "tests.fresh_migrations"
MIGRATION_MODULES = {"wagtail_flows": FRESH, "example_site": None, "formsite": None}
