"""The brakes of bounces and complaints, by mailbox provider.

Asked from the rare side: first who bounced or complained within a week, and only where that is enough to mean
something, how many were sent. A complaint is counted against every scenario that wrote to that contact in the week.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count

from wagtail_flows.contacts.models import Suppression
from wagtail_flows.messages import reasons
from wagtail_flows.messages.models import Delivery
from wagtail_flows.messages.providers import (
    BOUNCE_SAMPLE,
    COMPLAINT_SAMPLE,
    Provider,
    Sample,
    is_too_high,
    percent,
    provider_of,
)
from wagtail_flows.scenarios import brakes
from wagtail_flows.scenarios.brakes import Tripped
from wagtail_flows.scenarios.models import Scenario


WINDOW = timedelta(days=7)
BOUNCED = (reasons.ADDRESS_REFUSED, reasons.MAILBOX_FULL, reasons.POLICY_REFUSED, reasons.REFUSED)
HANDED_OVER = (
    Delivery.Status.SENDING,
    Delivery.Status.SENT,
    Delivery.Status.UNCERTAIN,
    Delivery.Status.FAILED,
)


def too_many_bad(scenario: Scenario, now: datetime) -> Tripped | None:
    """Whether a provider sees too many bounces or complaints of what this scenario sent within a week, or since a
    person last resumed it. Three queries, one more for each provider with enough bad ones.
    """
    since = max(now - WINDOW, scenario.resumed_at or now - WINDOW)
    complaints = _by_provider(_suppressed(scenario, since, Suppression.Reason.COMPLAINED))
    bounces = _by_provider(_suppressed(scenario, since, Suppression.Reason.BOUNCED) + _refused(scenario, since))
    return _worst(scenario, since, brakes.COMPLAINTS, complaints, COMPLAINT_SAMPLE) or _worst(
        scenario, since, brakes.BOUNCES, bounces, BOUNCE_SAMPLE
    )


def _worst(
    scenario: Scenario, since: datetime, code: str, bad: Mapping[Provider, int], sample: Sample
) -> Tripped | None:
    for provider, count in bad.items():
        if count < sample.bad:
            continue
        most = _most(scenario, provider, code)
        sent = _sent(scenario, since, provider)
        if is_too_high(count, sent, most, sample):
            numbers = {"provider": provider.name, "sent": sent, "percent": str(percent(count, sent)), "most": str(most)}
            return Tripped(code, numbers)
    return None


def _most(scenario: Scenario, provider: Provider, code: str) -> Decimal:
    own = scenario.most_complaints if code == brakes.COMPLAINTS else scenario.most_bounces
    published = provider.most_complaints if code == brakes.COMPLAINTS else provider.most_bounces
    return published if own is None else own


def _suppressed(scenario: Scenario, since: datetime, reason: str) -> Counter[str]:
    """Contacts written to since then who have since been suppressed for this reason, by domain."""
    hashes = Suppression.objects.filter(reason=reason, created_at__gte=since).values("key_hash")
    written_to = Delivery.objects.filter(
        scenario=scenario, sending_at__gte=since, status=Delivery.Status.SENT, contact__key_hash__in=hashes
    )
    return _by_domain(written_to.order_by().values("domain").annotate(n=Count("contact", distinct=True)))


def _refused(scenario: Scenario, since: datetime) -> Counter[str]:
    failed = Delivery.objects.filter(
        scenario=scenario, ended_at__gte=since, status=Delivery.Status.FAILED, reason__in=BOUNCED
    )
    return _by_domain(failed.order_by().values("domain").annotate(n=Count("pk")))


def _sent(scenario: Scenario, since: datetime, provider: Provider) -> int:
    handed = Delivery.objects.filter(scenario=scenario, sending_at__gte=since, domain__in=provider.domains)
    return handed.filter(status__in=HANDED_OVER).count()


def _by_domain(rows: object) -> Counter[str]:
    return Counter({row["domain"]: row["n"] for row in rows})  # type: ignore[attr-defined]


def _by_provider(by_domain: Mapping[str, int]) -> Counter[Provider]:
    found: Counter[Provider] = Counter()
    for domain, count in by_domain.items():
        found[provider_of(domain)] += count
    return found
