"""What the engine finds that needs attention: people who are parked, and steps that fail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Min, QuerySet
from django.db.models.functions import Left
from django.urls import reverse
from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_flows.engine.models import Enrollment
from wagtail_flows.lib import attention
from wagtail_flows.lib.attention import Finding, Severity


# As much of an error tells errors of one cause from those of another.
HEAD = 80
MOST_GROUPS = 20


def register() -> None:
    """Look for both. Doing it again changes nothing."""
    attention.register(parked)
    attention.register(failing)


def parked(now: datetime) -> Iterator[Finding]:
    """Those who don't go on by themselves, by scenario, step and error."""
    rows = Enrollment.objects.filter(status=Enrollment.Status.PARKED)
    for group in _groups(rows):
        text = ngettext(
            "%(count)s person is stuck in “%(scenario)s” at the step “%(step)s”: %(head)s",
            "%(count)s people are stuck in “%(scenario)s” at the step “%(step)s”: %(head)s",
            group["count"],
        )
        advice = _("Mend what the error tells. Then let them try again, or take them out.")
        url = _listing(group, Enrollment.Status.PARKED)
        yield _finding("enrollments.parked", Severity.BROKEN, group, text, advice, url)


def failing(now: datetime) -> Iterator[Finding]:
    """Those whose step raised, and who are tried again by themselves."""
    rows = Enrollment.objects.filter(status=Enrollment.Status.ACTIVE, attempts__gt=0)
    for group in _groups(rows):
        text = ngettext(
            "A step fails for %(count)s person in “%(scenario)s”, at “%(step)s”: %(head)s",
            "A step fails for %(count)s people in “%(scenario)s”, at “%(step)s”: %(head)s",
            group["count"],
        )
        advice = _("It is tried again by itself for about nine hours; mend what the error tells before.")
        url = _listing(group, Enrollment.Status.ACTIVE)
        yield _finding("enrollments.failing", Severity.WARNING, group, text, advice, url)


def _groups(rows: QuerySet[Enrollment]) -> Iterable[Any]:
    """The largest groups of one scenario, step and error: one query over a partial index."""
    alike = rows.order_by().values("scenario_id", "scenario__name", "step", head=Left("error", HEAD))
    counted = alike.annotate(count=Count("*"), since=Min("step_entered_at"))
    return counted.order_by("-count", "scenario_id", "step")[:MOST_GROUPS]


def _finding(code: str, severity: Severity, group: dict[str, Any], text: str, advice: str, url: str) -> Finding:
    """Of one group; `text` names its count, scenario, step and the head of the error."""
    named = {"scenario": group["scenario__name"], "step": group["step"], "head": group["head"] or "–"}
    told = text % {"count": localize(group["count"]), **named}
    count, since = group["count"], group["since"]
    return Finding(code, severity, told, advice, count=count, since=since, url=url, about=Enrollment)


def _listing(group: dict[str, Any], status: str) -> str:
    query = {"status": status, "scenario": group["scenario_id"], "step": group["step"], "error": group["head"]}
    return f"{reverse('flows_enrollments:index')}?{urlencode(query)}"
