"""A site with a queue, as one runs it: django-q2 with two workers, its queue in the database."""

import os

from benchmarks.engine.world_name import DATABASE
from benchmarks.settings import *  # noqa: F403
from benchmarks.settings import DATABASES
from tests.settings import Q_CLUSTER as COMMON


DATABASES["default"]["NAME"] = os.environ.get("BENCH_DATABASE", DATABASE)
FLOWS_TASK_BACKEND = "default"
TASKS = {"default": {"BACKEND": "wagtail_flows.contrib.django_q2.backend.DjangoQ2Backend", "QUEUES": []}}
Q_CLUSTER = {**COMMON, "name": "bench", "workers": 2}
