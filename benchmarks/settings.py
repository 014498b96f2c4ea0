"""Those of the tests, on PostgreSQL: the server of `DATABASE_URL`, else this machine's."""

import os

from example_site.database import from_url
from tests.doors import POSTGRES
from tests.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS


INSTALLED_APPS = [*INSTALLED_APPS, "benchmarks"]
DATABASES = {"default": from_url(os.environ.get("DATABASE_URL") or f"{POSTGRES}postgres")}
