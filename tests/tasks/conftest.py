"""A story that goes the whole way: from an event to the mail server."""

from __future__ import annotations

import pytest

from tests.engine.conftest import Story, club, message, story  # noqa: F401  (fixtures)
from wagtail_flows.conf import conf
from wagtail_flows.lib.tasks_api import task_backends


@pytest.fixture
def queued():
    """What was put on the queue during this test: nobody works through it."""
    backend = task_backends[conf.TASK_BACKEND]
    backend.clear()
    yield backend.results
    backend.clear()


__all__ = ["Story"]
