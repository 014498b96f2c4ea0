"""flows_bench_data: fill an empty database with invented contacts and what they did, to measure on."""

from __future__ import annotations

import argparse

from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID, uuid5

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from django.db.models import Max, Model
from django.utils.dateparse import parse_date
from wagtail.models import Locale

from wagtail_flows.contacts.models import Contact, ContactProperty, MailingList, Property, Subscription, Suppression
from wagtail_flows.events.models import Event
from wagtail_flows.lib import clock
from wagtail_flows.management.copying import bare, copy, count_on, gather_statistics
from wagtail_flows.management.invented import Invention
from wagtail_flows.management.invented_world import EMAILS, LISTS, PROPERTIES, Around, Sizes
from wagtail_flows.messages.models import Message
from wagtail_flows.shop.models import Order, OrderLine, Shop


NAMESPACE = UUID("6d0a6a3e-53a4-4f0e-8d0a-6a0f5b0f8a11")
FILLED: tuple[type[Model], ...] = (Contact, Suppression, Subscription, ContactProperty, OrderLine, Order, Event)

CONTACT = (
    "id public_id address key key_hash first_name last_name locale time_zone is_never_asked_for_review created_at "
    "updated_at domain first_name_folded last_name_folded locale_folded time_zone_folded"
)
SUPPRESSION = "key_hash address scope reason note created_at"
SUBSCRIPTION = "public_id contact_id mailing_list_id status round requested_at confirmed_at left_at"
PROPERTY = "contact_id property_id text text_folded number boolean date updated_at"
LINE = (
    "order_id external_id position product_name sku variant_id product_id product_slug category quantity unit_price "
    "variant_name image_url is_removed told"
)
ORDER = (
    "id shop_id public_id external_id number contact_id address channel status currency total placed_at paid_at "
    "shipped_at delivered_at cancelled_at refunded_at fully_refunded_at locale is_delivery_estimated metadata told"
)
EVENT = "id kind source dedupe_key contact_id subject data occurred_at recorded_at matched_at depth"


class Command(BaseCommand):
    help = (
        "Fill a PostgreSQL database with invented contacts, their lists, properties, orders and events, to measure on. "
        "The same options give the same rows. All or nothing is written."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--contacts", type=_size, default=10_000, help="How many (default: 10,000).")
        parser.add_argument("--events-per-contact", type=_size, default=10, help="On average (default: 10).")
        parser.add_argument("--orders-per-contact", type=_size, default=2, help="On average (default: 2).")
        parser.add_argument("--seed", type=int, default=1, help="Another seed gives other rows (default: 1).")
        parser.add_argument("--until", type=_day, metavar="DAY", help="Where the two years end (default: today).")
        parser.add_argument(
            "--among-others", action="store_true", help="Do it although there are contacts. They can't be told apart."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor != "postgresql":
            raise CommandError("This needs PostgreSQL: rows are written by COPY.")
        contacts = options["contacts"]
        sizes = Sizes(contacts, contacts * options["events_per_contact"], contacts * options["orders_per_contact"])
        until = options["until"] or datetime.combine(clock.now().date(), time.min, tzinfo=UTC)
        with transaction.atomic():
            if Contact.objects.exists() and not options["among_others"]:
                raise CommandError(
                    "There are contacts in this database. Take an empty one, or say --among-others if it may be spoilt."
                )
            around = _around(options["seed"])
            with bare(FILLED):
                self._fill(Invention(options["seed"], until, sizes, around))
            count_on(FILLED)
        gather_statistics(FILLED)

    def _fill(self, invention: Invention) -> None:
        self._write(Contact, CONTACT, invention.contacts())
        self._write(Suppression, SUPPRESSION, invention.suppressions())
        self._write(Subscription, SUBSCRIPTION, invention.subscriptions())
        self._write(ContactProperty, PROPERTY, invention.properties())
        # In this order: an order's total is that of its lines, and its event tells of both.
        self._write(OrderLine, LINE, invention.lines())
        self._write(Order, ORDER, invention.orders())
        self._write(Event, EVENT, invention.events())

    def _write(self, model: type[Model], columns: str, rows: Any) -> None:
        written = copy(model, columns.split(), rows)
        self.stdout.write(f"{written:>12,} {model._meta.verbose_name_plural}")


def _around(seed: int) -> Around:
    """What the rows belong to, made or found."""
    first = Sizes(_next_id(Contact), _next_id(Event), _next_id(Order))
    given = f"{seed} {first}"
    shop = Shop.objects.create(public_id=uuid5(NAMESPACE, f"{given} shop"), name="Shop", url="https://shop.example/")
    lists = [
        MailingList.objects.create(public_id=uuid5(NAMESPACE, f"{given} {name}"), name=name, public_name=name)
        for name in LISTS
    ]
    properties = {name: _property(name, kind) for name, (kind, _share) in PROPERTIES.items()}
    keys = [uuid5(NAMESPACE, f"{given} e-mail {number}") for number in range(EMAILS)]
    for number, key in enumerate(keys, start=1):
        Message.objects.create(translation_key=key, locale=Locale.get_default(), name=f"News {number}")
    return Around(
        lists=[mailing_list.pk for mailing_list in lists],
        properties=properties,
        emails=[str(key) for key in keys],
        shop=shop.pk,
        shop_public_id=str(shop.public_id),
        first=first,
    )


def _next_id(model: type[Model]) -> int:
    highest: int | None = model._default_manager.aggregate(highest=Max("pk"))["highest"]
    return (highest or 0) + 1


def _property(name: str, kind: str) -> int:
    known, _is_new = Property.objects.get_or_create(name=name, defaults={"label": name.capitalize(), "type": kind})
    if known.type != kind:
        raise CommandError(f"There is a property “{name}” of another type: rename it first.")
    return known.pk


def _size(text: str) -> int:
    size = int(text.replace(",", "").replace("_", ""))
    if size < 0:
        raise argparse.ArgumentTypeError("A size is nought or more.")
    return size


def _day(text: str) -> datetime:
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise argparse.ArgumentTypeError("A day is written as 2026-01-31.")
    return datetime.combine(day, time.min, tzinfo=UTC)
