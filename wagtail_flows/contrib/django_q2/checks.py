"""System checks of what django-q2 is told in `Q_CLUSTER`. Those about time limits stand with the other checks of the
app.

They read the settings and never `django_q.conf`, which warns by itself while it is imported.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register  # noqa: A004  (Django's own name)


@register()
def a_backlog_is_not_repeated(**kwargs: Any) -> list[CheckMessage]:
    """W021: after an outage django-q2 would run each minute's tick that was missed, one after the other."""
    if _cluster().get("catch_up", True):
        return [
            Warning(
                "Q_CLUSTER['catch_up'] is on: after an outage every missed tick is queued.",
                hint="Set it to False; one tick does all that is due.",
                id="wagtail_flows.W021",
            )
        ]
    return []


@register()
def a_poisoned_task_ends(**kwargs: Any) -> list[CheckMessage]:
    """W022: a task that raises would be run again for ever."""
    if not _cluster().get("max_attempts", 0) and not _cluster().get("ack_failures", False):
        return [
            Warning(
                "Q_CLUSTER['max_attempts'] isn't set: a task that raises is run again for ever.",
                hint="Set it to 3, say. The tasks of wagtail_flows don't need it; others on the same queue do.",
                id="wagtail_flows.W022",
            )
        ]
    return []


@register()
def connections_are_kept(**kwargs: Any) -> list[CheckMessage]:
    """W023: django-q2 closes old connections around every task, and would connect to the database anew each time."""
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith(".sqlite3") or database.get("CONN_MAX_AGE", 0) is None:
        return []
    if database.get("CONN_MAX_AGE", 0) < 1 and not database.get("OPTIONS", {}).get("pool"):
        return [
            Warning(
                "CONN_MAX_AGE is 0, so django-q2 connects to the database for every task.",
                hint='DATABASES["default"]["CONN_MAX_AGE"] = 60 makes it many times faster.',
                id="wagtail_flows.W023",
            )
        ]
    return []


def _cluster() -> dict[str, Any]:
    cluster: dict[str, Any] = getattr(settings, "Q_CLUSTER", {})
    return cluster
