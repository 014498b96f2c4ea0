"""Segments that can't be asked: nobody is in them, wherever they are used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from wagtail_flows.lib import attention
from wagtail_flows.lib.attention import Finding, Severity
from wagtail_flows.segments.compiling import Scope
from wagtail_flows.segments.membership import problems_of
from wagtail_flows.segments.models import Segment


def register() -> None:
    """Look for them. Doing it again changes nothing."""
    attention.register(broken)


def broken(now: datetime) -> Iterator[Finding]:
    scope = Scope()
    for segment in Segment.objects.exclude(kind=Segment.Kind.STATIC).order_by("name"):
        problems = problems_of(segment, scope)
        if problems:
            told = {"segment": segment.name, "problem": problems[0].text}
            yield Finding(
                "segments.broken",
                Severity.BROKEN,
                _("The segment “%(segment)s” can't be asked, so nobody is in it: %(problem)s") % told,
                _("Open it and mend its rule."),
                url=reverse("flows_segments:inspect", args=[segment.pk]),
                about=Segment,
            )
