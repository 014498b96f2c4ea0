"""A queue whose broker is down."""

from __future__ import annotations

from wagtail_flows.lib.tasks_api import BaseTaskBackend


class BrokenBackend(BaseTaskBackend):
    def enqueue(self, task, args, kwargs):
        raise ConnectionError("no route to the broker")
