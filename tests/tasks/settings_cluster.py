"""A site whose tasks run on django-q2; `Q_BROKER` is `orm` or `redis`."""

import os

import redis

from tests.settings import *  # noqa: F403
from tests.settings import Q_CLUSTER as COMMON
from tests.settings import REDIS_URL


FLOWS_TASK_BACKEND = "default"
FLOWS_BATCH_SIZE = int(os.environ.get("BATCH_SIZE", "500"))
TASKS = {"default": {"BACKEND": "wagtail_flows.contrib.django_q2.backend.DjangoQ2Backend", "QUEUES": []}}
REDIS = REDIS_URL
Q_CLUSTER = {**COMMON, "workers": 2}
if os.environ.get("Q_BROKER") == "redis":
    del Q_CLUSTER["orm"]
    Q_CLUSTER["redis"] = REDIS


def empty_queue(name: str) -> None:
    """Forget what an earlier test left in Redis."""
    with redis.Redis.from_url(REDIS) as connection:
        connection.delete(f"django_q:{name}:q")
