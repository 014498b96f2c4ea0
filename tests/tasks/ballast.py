"""Many rows in the way, written by PostgreSQL itself: so that its planner has a reason to use an index."""

from __future__ import annotations

from django.db import connection, models

from wagtail_flows.contacts.models import (
    Consent,
    Contact,
    ContactProperty,
    MailingList,
    Property,
    Subscription,
    Suppression,
)
from wagtail_flows.engine.models import Enrollment, RefusedEntry, SeenMember, SegmentSweep, Visit
from wagtail_flows.events.models import Event
from wagtail_flows.lib import clock
from wagtail_flows.messages.models import Delivery
from wagtail_flows.scenarios.models import Scenario
from wagtail_flows.segments.models import Segment, SegmentMember
from wagtail_flows.shop.models import Order, ReceivedWebhook, Shop


ROWS = 20_000
# Ids of what is filled in, far from those that a test makes.
FIRST = 1_000_000
LARGE = (
    Contact,
    Subscription,
    Consent,
    ContactProperty,
    Suppression,
    SegmentMember,
    SeenMember,
    Event,
    Enrollment,
    RefusedEntry,
    Visit,
    Delivery,
    ReceivedWebhook,
    Order,
)
DEFAULTS: tuple[tuple[type[models.Field], str], ...] = (
    (models.UUIDField, "gen_random_uuid()"),
    (models.JSONField, "'{}'"),
    (models.BinaryField, "''"),
    (models.DateTimeField, "now()"),
    (models.BooleanField, "false"),
    (models.IntegerField, "0"),
    (models.CharField, "''"),
    (models.TextField, "''"),
)


def fill(model: type[models.Model], **columns: str) -> None:
    """ROWS rows; `i` counts them in the SQL of `columns`. What isn't named is NULL, or the emptiest value there is."""
    fields = [field for field in model._meta.concrete_fields if not getattr(field, "generated", False)]
    written = {field.column: columns.pop(field.column, None) or _default(field) for field in fields}
    assert not columns, f"{model.__name__} has no {', '.join(columns)}"
    names = ", ".join(connection.ops.quote_name(column) for column in written)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({names}) "  # noqa: S608
            f"SELECT {', '.join(written.values())} FROM generate_series(1, {ROWS}) AS i"
        )


def _default(field: models.Field) -> str:
    if field.primary_key:
        return f"{FIRST} + i"
    if field.null:
        return "NULL"
    return next(sql for kind, sql in DEFAULTS if isinstance(field, kind))


def fill_all(scenario: Scenario) -> None:
    """The past of a busy site: everybody waits in the scenario until next year, and was through it before."""
    fill_people(scenario)
    fill_passages(scenario)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


PERSON = f"{FIRST} + i"


def fill_people(scenario: Scenario) -> None:
    """Contacts, who are all on a list; the properties `score` (0 to 99) and `renewal` (a day of the last 25 years);
    who was in a segment of everybody at the last look, and is in one made by hand.
    """
    mailing_list = MailingList.objects.create(name="Ballast", public_name="Ballast")
    segment = Segment.objects.create(name="Ballast", kind="static")
    sweep = SegmentSweep.objects.create(scenario=scenario, segment=segment, since=clock.now())
    score = Property.objects.create(name="score", label="Score", type="number")
    renewal = Property.objects.create(name="renewal", label="Renewal", type="date")
    mail, listed = "'p' || i || '@ballast.example'", {"contact_id": PERSON, "mailing_list_id": str(mailing_list.pk)}
    fill(Contact, key=mail, address=mail, key_hash="md5(i::text)")
    fill(Suppression, key_hash="md5('s' || i)", scope="'all'", reason="'manual'")
    fill(Subscription, **listed, status="'subscribed'")
    fill(Consent, **listed, action="'confirmed'")
    fill(ContactProperty, contact_id=PERSON, property_id=str(score.pk), number="(i % 100) * 1000000")
    days = f"date '2001-01-01' + i % {25 * 365}"
    fill(ContactProperty, id=f"2 * {FIRST} + i", contact_id=PERSON, property_id=str(renewal.pk), date=days)
    fill(SegmentMember, contact_id=PERSON, segment_id=str(segment.pk))
    fill(SeenMember, contact_id=PERSON, sweep_id=str(sweep.pk))


def fill_passages(scenario: Scenario) -> None:
    """What happened to them: an order, an enrollment that waits, an e-mail, a second time at which they stayed out."""
    shop = Shop.objects.create(name="Ballast", url="https://ballast.example/")
    version, order = str(scenario.current_version_id), "'order:' || i"
    fill(
        Enrollment,
        scenario_id=str(scenario.pk),
        version_id=version,
        contact_id=PERSON,
        subject=order,
        entry_key=order,
        status="'active'",
        entered_at="'2026-01-01'::timestamptz + i * interval '1 second'",
        step="'wait-1'",
        due_at="now() + interval '400 days' + i * interval '1 minute'",
    )
    fill(RefusedEntry, scenario_id=str(scenario.pk), contact_id=PERSON, entry_key="'again'", reason="'inside'")
    fill(Visit, enrollment_id=PERSON, number="1", step="'send-1'", kind="'send_email'", outcome="'send'")
    # A year of e-mails, as evenly as they come.
    fill(
        Delivery,
        visit_id=PERSON,
        contact_id=PERSON,
        scenario_id=str(scenario.pk),
        address="'p' || i || '@ballast.example'",
        channel="'email'",
        kind="'message'",
        stream="'commercial'",
        status="'sent'",
        queued_at="now() - interval '30 days' + i * interval '1 minute'",
        sending_at="'2025-03-20'::timestamptz + i * interval '25 minutes'",
        ended_at="now() - interval '30 days' + i * interval '1 minute'",
    )
    fill(
        Event,
        contact_id=PERSON,
        kind="'order.placed'",
        dedupe_key="'ballast' || i",
        subject=order,
        matched_at="now()",
    )
    fill(ReceivedWebhook, shop_id=str(shop.pk), digest="md5(i::text)", status="'applied'")
    fill(Order, shop_id=str(shop.pk), external_id="'o' || i", contact_id=PERSON, placed_at="now() - interval '1 day'")
