"""Many rows in the way, written by PostgreSQL itself: so that its planner has a reason to use an index."""

from __future__ import annotations

from django.db import connection, models

from wagtail_flows.contacts.models import Contact, Suppression
from wagtail_flows.engine.models import Enrollment, Visit
from wagtail_flows.events.models import Event
from wagtail_flows.messages.models import Delivery
from wagtail_flows.scenarios.models import Scenario
from wagtail_flows.shop.models import Order, ReceivedWebhook, Shop


ROWS = 20_000
# Ids of what is filled in, far from those that a test makes.
FIRST = 1_000_000
LARGE = (Contact, Enrollment, Visit, Delivery, Event, ReceivedWebhook, Order, Suppression)
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
    shop = Shop.objects.create(name="Ballast", url="https://ballast.example/")
    person, version = f"{FIRST} + i", str(scenario.current_version_id)
    fill(
        Contact, key="'p' || i || '@ballast.example'", address="'p' || i || '@ballast.example'", key_hash="md5(i::text)"
    )
    fill(Suppression, key_hash="md5('s' || i)", scope="'all'", reason="'manual'")
    inside = {"scenario_id": str(scenario.pk), "version_id": version, "contact_id": person, "subject": "'order:' || i"}
    fill(
        Enrollment,
        **inside,
        entry_key="'order:' || i",
        status="'active'",
        entered_at="'2026-01-01'::timestamptz + i * interval '1 second'",
        step="'wait-1'",
        due_at="now() + interval '400 days' + i * interval '1 minute'",
    )
    fill(Visit, enrollment_id=person, number="1", step="'send-1'", kind="'send_email'", outcome="'send'")
    fill(
        Delivery,
        visit_id=person,
        contact_id=person,
        channel="'email'",
        kind="'message'",
        stream="'commercial'",
        status="'sent'",
        queued_at="now() - interval '30 days' + i * interval '1 minute'",
        ended_at="now() - interval '30 days' + i * interval '1 minute'",
    )
    fill(
        Event,
        contact_id=person,
        kind="'order.placed'",
        dedupe_key="'ballast' || i",
        subject="'order:' || i",
        matched_at="now()",
    )
    fill(ReceivedWebhook, shop_id=str(shop.pk), digest="md5(i::text)", status="'applied'")
    fill(Order, shop_id=str(shop.pk), external_id="'o' || i", contact_id=person, placed_at="now() - interval '1 day'")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
