"""What the branches of a random split have come to, counted by the database.

Each contact counts once for each branch. Opening and clicking count by people, of e-mails that the same passage sent
after the split; a goal, where the same passage reached it later. Revenue is the total of the orders placed within some
days after the split, without those that were cancelled or refunded in full; of several currencies the one with the
most orders counts, since amounts of two can't be added up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    DateTimeField,
    DecimalField,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Replace

from wagtail_flows.engine.live_splits import LiveSplit
from wagtail_flows.engine.models import Visit
from wagtail_flows.events.happening_kinds import CLICKED, OPENED
from wagtail_flows.events.models import Event
from wagtail_flows.messages.models import Delivery
from wagtail_flows.scenarios.steps.goal import GOAL
from wagtail_flows.scenarios.winners import By, Tally


# The kinds that shops record; theirs is a room that this one doesn't know.
PLACED, CANCELLED, REFUNDED = "order.placed", "order.cancelled", "order.refunded"
_NUMBER = r"^[0-9]{1,12}([.][0-9]{1,6})?$"


@dataclass(frozen=True)
class Numbers:
    """The tallies of the branches that people take. `currency`: of revenue; `others`: orders in other currencies."""

    tallies: tuple[Tally, ...]
    currency: str = ""
    others: int = 0

    def as_json(self) -> dict[str, Any]:
        branches = [
            {"outlet": one.outlet, "people": one.people, "score": f"{one.score.normalize():f}"} for one in self.tallies
        ]
        money = {"currency": self.currency, "others": self.others} if self.currency else {}
        return {"branches": branches, **money}


def counted(split: LiveSplit) -> Numbers:
    """The numbers of now. Two queries."""
    people = _people(_passages(split))
    if split.rule.by is By.REVENUE:
        return _revenue(split, people)
    scores = _people(_passages(split).filter(_succeeded(split.rule.by)))
    return Numbers(tuple(Tally(one, people[one], Decimal(scores[one])) for one in split.step.taken))


def _passages(split: LiveSplit) -> QuerySet[Visit]:
    """The visits that took one of the branches, of versions in which the split was as it is."""
    return Visit.objects.filter(
        enrollment__scenario_id=split.scenario_id,
        enrollment__version__in=split.version_ids,
        step=split.step.id,
        outlet__in=split.step.taken,
        left_at__gte=split.since,
    ).order_by()


def _people(passages: QuerySet[Visit]) -> Counter[str]:
    rows = passages.values("outlet").annotate(people=Count("enrollment__contact", distinct=True))
    return Counter(dict(rows.values_list("outlet", "people")))


def _succeeded(by: By) -> Q:
    if by is By.GOAL:
        reached = Visit.objects.filter(
            enrollment_id=OuterRef("enrollment_id"), kind=GOAL, number__gt=OuterRef("number")
        )
        return Q(Exists(reached)) | Q(enrollment__exit_reason=GOAL)
    sent = Delivery.objects.alias(key=_plain(Cast("message_key", CharField()))).filter(
        visit__enrollment_id=OuterRef(OuterRef("enrollment_id")),
        visit__number__gt=OuterRef(OuterRef("number")),
        key=OuterRef("key"),
    )
    engaged = Event.objects.alias(key=_plain(KeyTextTransform("message", "data"))).filter(
        Exists(sent),
        contact_id=OuterRef("enrollment__contact_id"),
        kind=OPENED if by is By.OPENS else CLICKED,
        data__by="human",
        occurred_at__gte=OuterRef("left_at"),
    )
    return Q(Exists(engaged))


def _plain(key: Any) -> Replace:
    """A UUID as one of the databases stores it: without hyphens."""
    return Replace(key, Value("-"), Value(""))


def _revenue(split: LiveSplit, people: Counter[str]) -> Numbers:
    rows = list(_orders(split).values("outlet", "currency").annotate(orders=Count("pk"), total=Sum("amount")))
    currencies: Counter[str] = Counter()
    for row in rows:
        currencies[row["currency"]] += row["orders"]
    currency = min(currencies, key=lambda one: (-currencies[one], one), default="")
    scores = _totals(row for row in rows if row["currency"] == currency)
    tallies = tuple(Tally(one, people[one], scores.get(one, Decimal(0))) for one in split.step.taken)
    return Numbers(tallies, currency, currencies.total() - currencies[currency])


def _totals(rows: Iterable[dict[str, Any]]) -> dict[str, Decimal]:
    return {row["outlet"]: row["total"] or Decimal(0) for row in rows}


def _orders(split: LiveSplit) -> QuerySet[Any, Any]:
    """The orders that count, with `outlet`, `currency` and `amount`."""
    days = timedelta(days=split.rule.within_days)
    earliest = ExpressionWrapper(OuterRef("occurred_at") - Value(days), output_field=DateTimeField())
    before = _passages(split).filter(
        enrollment__contact_id=OuterRef("contact_id"), left_at__lte=OuterRef("occurred_at"), left_at__gt=earliest
    )
    undone = Event.objects.filter(
        Q(kind=CANCELLED) | Q(kind=REFUNDED, data__is_full=True),
        subject=OuterRef("subject"),
        contact_id=OuterRef("contact_id"),
    ).exclude(subject="")
    total = KeyTextTransform("total", "data")
    amount = DecimalField(max_digits=18, decimal_places=6)
    return (
        Event.objects.filter(~Exists(undone), kind=PLACED, occurred_at__gte=split.since)
        .annotate(
            outlet=Subquery(before.order_by("-left_at", "-pk").values("outlet")[:1]),
            currency=Coalesce(KeyTextTransform("currency", "data"), Value(""), output_field=CharField()),
        )
        .alias(told=Coalesce(total, Value(""), output_field=CharField()))
        .annotate(amount=Case(When(told__regex=_NUMBER, then=Cast("told", amount)), output_field=amount))
        .filter(outlet__isnull=False, amount__isnull=False)
        .order_by()
    )
