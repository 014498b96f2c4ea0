"""Those of the tests, on PostgreSQL (the server of `DATABASE_URL`, else this machine's), with a queue that works: as
django-q2 comes, its tasks in the database.
"""

import os

from example_site.database import from_url
from tests.doors import POSTGRES
from tests.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS
from tests.settings import Q_CLUSTER as COMMON
from tests.settings import TASKS as OTHERS


INSTALLED_APPS = [*INSTALLED_APPS, "benchmarks"]
DATABASES = {"default": from_url(os.environ.get("DATABASE_URL") or f"{POSTGRES}postgres")}
TASKS = {**OTHERS, "flows": {"BACKEND": "wagtail_flows.contrib.django_q2.backend.DjangoQ2Backend", "QUEUES": []}}
Q_CLUSTER = {**COMMON, "workers": 2}
