"""Who is told what needs attention, and how many things there are."""

from __future__ import annotations

from collections.abc import Iterable

from django.apps import apps
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache

from wagtail_flows.lib import attention, clock
from wagtail_flows.lib.admin_policy import may
from wagtail_flows.lib.attention import Finding, Severity


Viewer = AbstractBaseUser | AnonymousUser

# Whoever may see one of these is let in, and told what is about what they may see.
SEEN = ("Enrollment", "Delivery", "Scenario", "Segment", "Shop", "ReceivedWebhook")
# The menu stands on every page of the admin: it may be so old.
COUNTED_EACH = 60
CACHE_KEY = "wagtail_flows.attention"


def may_ask(user: Viewer) -> bool:
    return any(may(user, apps.get_model("wagtail_flows", name)) for name in SEEN)


def findings_for(user: Viewer) -> list[Finding]:
    """What needs attention, as far as `user` may see it; the worst first. The menu counts it anew."""
    found = attention.findings(clock.now())
    _remember(found)
    return [one for one in found if one.about is None or may(user, one.about)]


def count_for(user: Viewer) -> int:
    """How many things aren't well, at most COUNTED_EACH seconds ago."""
    counted: dict[str, int] | None = cache.get(CACHE_KEY)
    if counted is None:
        counted = _remember(attention.findings(clock.now()))
    return sum(count for label, count in counted.items() if not label or may(user, apps.get_model(label)))


def _remember(found: Iterable[Finding]) -> dict[str, int]:
    """By the label of what it is about: whoever looks is shown their own number."""
    counted: dict[str, int] = {}
    for one in found:
        if one.severity is not Severity.NOTE:
            label = one.about._meta.label if one.about else ""
            counted[label] = counted.get(label, 0) + 1
    cache.set(CACHE_KEY, counted, COUNTED_EACH)
    return counted
