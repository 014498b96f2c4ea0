"""Twelve typical segments, each with the SQL that somebody who knows the tables would write for the same question.

In the SQL, `{these}` and `{theirs}` are empty when everybody is asked for; for a batch they narrow the contacts (`c`)
and the rows of a sub-query to it. Ids of lists and properties are known to whoever writes it, and days begin at
midnight in the site's zone, as they do for us.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from wagtail_flows.contacts.models import MailingList, Property
from wagtail_flows.messages.models import Message


Rule = dict[str, Any]

# The narrowing to a batch of ids.
THESE = "AND c.id = ANY(%(ids)s)"
THEIRS = "AND contact_id = ANY(%(ids)s)"


@dataclass(frozen=True)
class Known:
    """What rules and SQL name. `parameters` is what the SQL takes: ids by name, and moments (`days_30`, `tomorrow`)."""

    lists: dict[str, str]
    emails: dict[str, str]
    parameters: dict[str, Any]


@dataclass(frozen=True)
class Question:
    """One segment, asked both ways."""

    name: str
    rule: Callable[[Known], Rule]
    sql: str

    def statement(self, *, of_a_batch: bool) -> str:
        return self.sql.format(these=THESE if of_a_batch else "", theirs=THEIRS if of_a_batch else "")


def known(now: datetime) -> Known:
    """Look up what `flows_bench_data` made."""
    lists = list(MailingList.objects.all())
    emails = {name: str(key) for name, key in Message.objects.values_list("name", "translation_key")}
    parameters: dict[str, Any] = {mailing_list.name.lower(): mailing_list.pk for mailing_list in lists}
    parameters |= {found.name: found.pk for found in Property.objects.all()}
    parameters |= {"news": emails["News 24"]}
    parameters |= {f"days_{days}": _midnight(now, -days) for days in (7, 30, 90, 180, 365)}
    parameters |= {"tomorrow": _midnight(now, 1)}
    return Known({found.name: str(found.public_id) for found in lists}, emails, parameters)


def _midnight(now: datetime, days: int) -> datetime:
    zone = ZoneInfo(timezone.get_default_timezone_name())
    return datetime.combine(now.astimezone(zone).date() + timedelta(days=days), time.min, tzinfo=zone)


def _clause(field: str, operator: str, value: Any = None, **options: Any) -> Rule:
    clause: Rule = {"field": field, "operator": operator}
    if value is not None:
        clause["value"] = value
    return {**clause, "options": options} if options else clause


def _all(*rules: Rule) -> Rule:
    return {"match": "all", "rules": list(rules)}


def _any(*rules: Rule) -> Rule:
    return {"match": "any", "rules": list(rules)}


QUESTIONS = (
    Question(
        "Speaks French, known for 30 days at most",
        lambda _known: _all(_clause("contact.locale", "is", "fr"), _clause("contact.created_at", "in_last_days", 30)),
        """
        SELECT c.id FROM wagtail_flows_contact c
        WHERE c.locale_folded = 'fr' AND c.created_at >= %(days_30)s AND c.created_at < %(tomorrow)s {these}
        """,
    ),
    Question(
        "Member in Lyon with 500 points or more",
        lambda _known: _all(
            _clause("property.city", "is", "Lyon"),
            _clause("property.is_member", "is_true"),
            _clause("property.points", "at_least", "500"),
        ),
        """
        SELECT c.id FROM wagtail_flows_contact c
        JOIN wagtail_flows_contactproperty city
          ON city.contact_id = c.id AND city.property_id = %(city)s AND city.text_folded = 'lyon'
        JOIN wagtail_flows_contactproperty member
          ON member.contact_id = c.id AND member.property_id = %(is_member)s AND member.boolean
        JOIN wagtail_flows_contactproperty points
          ON points.contact_id = c.id AND points.property_id = %(points)s AND points.number >= 500000000
        WHERE true {these}
        """,
    ),
    Question(
        "Birthday within 7 days, reads the newsletter",
        lambda known: _all(
            _clause("property.birthday", "anniversary_in_next_days", 7),
            _clause("list.subscribed", "in_any_of", [known.lists["Newsletter"]]),
        ),
        """
        SELECT c.id FROM wagtail_flows_contact c
        JOIN wagtail_flows_contactproperty birthday
          ON birthday.contact_id = c.id AND birthday.property_id = %(birthday)s
          AND extract(month FROM birthday.date) * 100 + extract(day FROM birthday.date) BETWEEN 101 AND 108
        JOIN wagtail_flows_subscription s
          ON s.contact_id = c.id AND s.mailing_list_id = %(newsletter)s AND s.status = 'subscribed'
        WHERE true {these}
        """,
    ),
    Question(
        "Subscribed to offers, not to partners",
        lambda known: _all(
            _clause("list.subscribed", "in_any_of", [known.lists["Offers"]]),
            _clause("list.subscribed", "in_none_of", [known.lists["Partners"]]),
        ),
        """
        SELECT c.id FROM wagtail_flows_contact c
        JOIN wagtail_flows_subscription s
          ON s.contact_id = c.id AND s.mailing_list_id = %(offers)s AND s.status = 'subscribed'
        WHERE NOT EXISTS (
          SELECT 1 FROM wagtail_flows_subscription p
          WHERE p.contact_id = c.id AND p.mailing_list_id = %(partners)s AND p.status = 'subscribed'
        ) {these}
        """,
    ),
    Question(
        "Undeliverable",
        lambda _known: _all(_clause("contact.undeliverable", "is_true")),
        """
        SELECT c.id FROM wagtail_flows_contact c
        WHERE EXISTS (
          SELECT 1 FROM wagtail_flows_suppression s
          WHERE s.key_hash = c.key_hash AND (s.scope = 'all' OR s.reason = 'bounced')
        ) {these}
        """,
    ),
    Question(
        "Engaged in 90 days",
        lambda _known: _any(
            _clause("engagement.opened", "at_least_once", by="human", within_days=90),
            _clause("engagement.clicked", "at_least_once", by="human", within_days=90),
        ),
        """
        SELECT c.id FROM wagtail_flows_contact c
        WHERE EXISTS (
          SELECT 1 FROM wagtail_flows_event e
          WHERE e.contact_id = c.id AND e.kind IN ('message.opened', 'message.clicked')
          AND e.data->>'by' = 'human' AND e.occurred_at >= %(days_90)s AND e.occurred_at < %(tomorrow)s
        ) {these}
        """,
    ),
    Question(
        "Inactive for 180 days",
        lambda _known: _all(
            _clause("contact.created_at", "more_than_days_ago", 180),
            _clause("engagement.opened", "never", by="human", within_days=180),
            _clause("engagement.clicked", "never", by="human", within_days=180),
            _clause("order.count", "never", within_days=180),
        ),
        """
        SELECT c.id FROM wagtail_flows_contact c
        WHERE c.created_at < %(days_180)s
        AND NOT EXISTS (
          SELECT 1 FROM wagtail_flows_event e
          WHERE e.contact_id = c.id AND e.kind IN ('message.opened', 'message.clicked')
          AND e.data->>'by' = 'human' AND e.occurred_at >= %(days_180)s AND e.occurred_at < %(tomorrow)s
        )
        AND NOT EXISTS (
          SELECT 1 FROM wagtail_flows_order o
          WHERE o.contact_id = c.id AND o.cancelled_at IS NULL
          AND o.placed_at >= %(days_180)s AND o.placed_at < %(tomorrow)s
        ) {these}
        """,
    ),
    Question(
        "Bought once, opened five e-mails in 180 days",
        lambda _known: _all(
            _clause("order.count", "equals", 1),
            _clause("engagement.opened", "at_least", 5, by="human", within_days=180),
        ),
        """
        SELECT c.id FROM wagtail_flows_contact c
        JOIN (
          SELECT contact_id FROM wagtail_flows_order
          WHERE placed_at IS NOT NULL AND cancelled_at IS NULL {theirs}
          GROUP BY contact_id HAVING count(*) = 1
        ) once ON once.contact_id = c.id
        JOIN (
          SELECT contact_id FROM wagtail_flows_event
          WHERE kind = 'message.opened' AND data->>'by' = 'human'
          AND occurred_at >= %(days_180)s AND occurred_at < %(tomorrow)s {theirs}
          GROUP BY contact_id HAVING count(*) >= 5
        ) readers ON readers.contact_id = c.id
        WHERE true {these}
        """,
    ),
    Question(
        "Was sent the last news, hasn't opened it",
        lambda known: _all(
            _clause("engagement.sent", "at_least_once", message=known.emails["News 24"]),
            _clause("engagement.opened", "never", by="any", message=known.emails["News 24"]),
        ),
        """
        SELECT c.id FROM wagtail_flows_contact c
        WHERE EXISTS (
          SELECT 1 FROM wagtail_flows_event e
          WHERE e.contact_id = c.id AND e.kind = 'message.sent' AND e.data->>'message' = %(news)s
        )
        AND NOT EXISTS (
          SELECT 1 FROM wagtail_flows_event e
          WHERE e.contact_id = c.id AND e.kind = 'message.opened' AND e.data->>'message' = %(news)s
        ) {these}
        """,
    ),
    Question(
        "Best customers: 3 orders and 500 in a year",
        lambda _known: _all(
            _clause("order.count", "at_least", 3, within_days=365),
            _clause("order.total", "at_least", "500", within_days=365),
        ),
        """
        SELECT c.id FROM wagtail_flows_contact c
        JOIN (
          SELECT contact_id FROM wagtail_flows_order
          WHERE cancelled_at IS NULL AND placed_at >= %(days_365)s AND placed_at < %(tomorrow)s {theirs}
          GROUP BY contact_id HAVING count(*) >= 3 AND sum(total) >= 500000000
        ) best ON best.contact_id = c.id
        WHERE true {these}
        """,
    ),
    Question(
        "Bought shoes in 90 days, never bags",
        lambda _known: _all(
            _clause("order.category", "in_any_of", ["shoes"], within_days=90),
            _clause("order.category", "in_none_of", ["bags"]),
        ),
        """
        SELECT c.id FROM wagtail_flows_contact c
        WHERE EXISTS (
          SELECT 1 FROM wagtail_flows_order o JOIN wagtail_flows_orderline l ON l.order_id = o.id
          WHERE o.contact_id = c.id AND o.cancelled_at IS NULL AND l.category = 'shoes' AND NOT l.is_removed
          AND o.placed_at >= %(days_90)s AND o.placed_at < %(tomorrow)s
        )
        AND NOT EXISTS (
          SELECT 1 FROM wagtail_flows_order o JOIN wagtail_flows_orderline l ON l.order_id = o.id
          WHERE o.contact_id = c.id AND o.placed_at IS NOT NULL AND o.cancelled_at IS NULL
          AND l.category = 'bags' AND NOT l.is_removed
        ) {these}
        """,
    ),
    Question(
        "Left a cart of 100 or more in 7 days, no order since",
        lambda _known: _all(
            _clause(
                "event.cart.abandoned",
                "at_least_once",
                within_days=7,
                where=[{"name": "total", "operator": "at_least", "value": "100"}],
            ),
            _clause("order.count", "never", within_days=7),
        ),
        """
        SELECT c.id FROM wagtail_flows_contact c
        WHERE EXISTS (
          SELECT 1 FROM wagtail_flows_event e
          WHERE e.contact_id = c.id AND e.kind = 'cart.abandoned' AND (e.data->>'total')::numeric >= 100
          AND e.occurred_at >= %(days_7)s AND e.occurred_at < %(tomorrow)s
        )
        AND NOT EXISTS (
          SELECT 1 FROM wagtail_flows_order o
          WHERE o.contact_id = c.id AND o.cancelled_at IS NULL
          AND o.placed_at >= %(days_7)s AND o.placed_at < %(tomorrow)s
        ) {these}
        """,
    ),
)
