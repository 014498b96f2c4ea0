"""Invented people and what they did, as rows for COPY: the same seed and sizes give the same rows.

They are uneven as real ones are: some read everything and many nothing, a few buy often and nearly half never.
Contacts came over three years, what happened did so over the last two, only to contacts known by then.
"""

from __future__ import annotations

import hashlib
import random

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from wagtail_flows.lib.fields import PLACES
from wagtail_flows.management.copying import NULL, Row
from wagtail_flows.management.invented_world import (
    CATEGORIES,
    CITIES,
    CURRENCIES,
    DOMAINS,
    EMAILS,
    FIRST_NAMES,
    HAPPENINGS,
    LAST_NAMES,
    LISTS,
    LOCALES,
    OPENERS,
    PRODUCTS,
    PROPERTIES,
    YEAR,
    YEARS_OF_CONTACTS,
    YEARS_OF_EVENTS,
    ZONES,
    Around,
    Sizes,
)


@dataclass
class Invention:
    """Rows of every table. Ask for the lines before the orders, and for both before the events: what an order is worth
    is known from its lines.
    """

    seed: int
    until: datetime
    sizes: Sizes
    around: Around
    buyers: array[int] = field(default_factory=lambda: array("l"))
    totals: array[int] = field(default_factory=lambda: array("q"))

    def __post_init__(self) -> None:
        chance = self._chance("eagerness")
        amount = self.sizes.contacts
        self._reading = bytes(int(255 * chance.random() ** 2) for _ in range(amount))
        self._buying = bytes(int(255 * chance.random() ** 3) for _ in range(amount))

    def _chance(self, what: str) -> random.Random:
        return random.Random(f"{self.seed} {what} {self.around.first}")  # noqa: S311  (nothing secret)

    def _moment(self, seconds_ago: float) -> str:
        return (self.until - timedelta(seconds=seconds_ago)).isoformat()

    def contacts(self) -> Iterator[Row]:
        chance = self._chance("contacts")
        for number in range(self.sizes.contacts):
            locale, zone = (chosen := chance.choice(LOCALES)), ZONES[chosen]
            first_name, last_name = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
            address, domain = self.address(number)
            created = self._moment(self._age(number))
            yield (
                str(self.around.first.contacts + number), _uuid(chance), address, address,
                hashlib.sha256(address.encode()).hexdigest(), first_name, last_name, locale, zone,
                "t" if chance.random() < 0.01 else "f", created, created, domain, first_name.casefold(),
                last_name.casefold(), locale, zone.casefold(),
            )  # fmt: skip

    def address(self, number: int) -> tuple[str, str]:
        """The address of a contact and its domain; it is its key too."""
        domain = DOMAINS[number * 7919 % len(DOMAINS)]
        return f"someone.{self.around.first.contacts + number}@{domain}", domain

    def _age(self, number: int) -> float:
        """For how many seconds a contact is known. The first came first."""
        return (1 - number / self.sizes.contacts) * YEARS_OF_CONTACTS * YEAR

    def suppressions(self) -> Iterator[Row]:
        chance = self._chance("suppressions")
        for number in range(self.sizes.contacts):
            draw = chance.random()
            if draw < 0.025:
                address, _domain = self.address(number)
                scope, reason = ("all", "bounced") if draw < 0.01 else ("commercial", "unsubscribed")
                if draw > 0.024:
                    scope, reason = "all", "complained"
                digest = hashlib.sha256(address.encode()).hexdigest()
                yield digest, address, scope, reason, "", self._moment(self._age(number) * chance.random())

    def subscriptions(self) -> Iterator[Row]:
        chance = self._chance("subscriptions")
        for number in range(self.sizes.contacts):
            for mailing_list, share in zip(self.around.lists, LISTS.values(), strict=True):
                if chance.random() < share:
                    yield self._subscription(chance, number, mailing_list)

    def _subscription(self, chance: random.Random, number: int, mailing_list: int) -> Row:
        draw, age = chance.random(), self._age(number) * chance.random()
        status = "pending" if draw < 0.08 else "unsubscribed" if draw < 0.2 else "subscribed"
        confirmed = NULL if status == "pending" else self._moment(age * 0.99)
        left = self._moment(age * chance.random() * 0.99) if status == "unsubscribed" else NULL
        contact = str(self.around.first.contacts + number)
        return _uuid(chance), contact, str(mailing_list), status, "1", self._moment(age), confirmed, left

    def properties(self) -> Iterator[Row]:
        chance = self._chance("properties")
        updated = self._moment(0)
        for number in range(self.sizes.contacts):
            contact = str(self.around.first.contacts + number)
            for name, (kind, share) in PROPERTIES.items():
                if chance.random() < share:
                    yield contact, str(self.around.properties[name]), *_value(kind, chance), updated

    def lines(self) -> Iterator[Row]:
        chance = self._chance("lines")
        draw = chance.random
        for number in range(self.sizes.orders):
            order, total = str(self.around.first.orders + number), 0
            for position in range(1 + int(draw() * 3)):
                product, quantity = int(PRODUCTS * draw() ** 2), 1 + int(draw() * 2)
                price = _price(product)
                total += quantity * price
                yield (
                    order, f"line-{order}-{position}", str(position), f"Product {product}", f"sku-{product}",
                    f"variant-{product}", f"product-{product}", f"product-{product}",
                    CATEGORIES[product % len(CATEGORIES)], str(quantity), str(price), "", "", "f", "{}",
                )  # fmt: skip
            self.totals.append(total)

    def orders(self) -> Iterator[Row]:
        chance = self._chance("orders")
        for number in range(self.sizes.orders):
            buyer = self._someone(chance, self._buying, number / self.sizes.orders)
            self.buyers.append(buyer)
            yield self._order(chance, number, buyer)

    def _order(self, chance: random.Random, number: int, buyer: int) -> Row:
        ago, draw, order = self._order_ago(number), chance.random(), self.around.first.orders + number
        paid, shipped, delivered = (self._moment(max(ago - days * 86_400, 0)) for days in (0.01, 2, 5))
        over = self._moment(max(ago - 9 * 86_400, 0))
        cancelled = over if draw < 0.04 else NULL
        refunded, fully = over if 0.04 <= draw < 0.07 else NULL, over if 0.04 <= draw < 0.05 else NULL
        if draw < 0.04:
            shipped = delivered = NULL
        return (
            str(order), str(self.around.shop), order_uuid(order), f"bench-{order}", str(100_000 + order),
            str(self.around.first.contacts + buyer), self.address(buyer)[0], "web",
            "canceled" if draw < 0.04 else "fulfilled", _currency(order), str(self.totals[number]),
            self._moment(ago), paid, shipped, delivered, cancelled, refunded, fully, "", "f", "{}", "{}",
        )  # fmt: skip

    def _order_ago(self, number: int) -> float:
        return (1 - (number + 0.5) / self.sizes.orders) * YEARS_OF_EVENTS * YEAR

    def _someone(self, chance: random.Random, eagerness: bytes, elapsed: float) -> int:
        """A contact who was known when `elapsed` (0 to 1) of the time of events had passed; the eager come oftener."""
        known = 1 - (1 - elapsed) * YEARS_OF_EVENTS / YEARS_OF_CONTACTS
        among, draw = max(int(self.sizes.contacts * known), 1), chance.random
        for _attempt in range(200):
            someone = int(draw() * among)
            if eagerness[someone] > draw() * 256:
                break
        return someone

    def events(self) -> Iterator[Row]:
        """In the order of time. As many as there are orders tell of one, the others are spread between them."""
        every = self.sizes.events // self.sizes.orders if self.sizes.orders else 0
        chance = self._chance("events")
        for number in range(self.sizes.events):
            if every and number % every == 0 and number // every < self.sizes.orders:
                yield self._order_placed(number, number // every)
            else:
                yield self._happening(chance, number)

    def _order_placed(self, number: int, order_number: int) -> Row:
        order = self.around.first.orders + order_number
        subject = f"order:{order_uuid(order)}"
        total = Decimal(self.totals[order_number]).scaleb(-PLACES).quantize(Decimal("0.01"))
        data = (
            f'{{"order": "{subject[6:]}", "number": "{100_000 + order}", "total": "{total}", '
            f'"currency": "{_currency(order)}", "shop": "{self.around.shop_public_id}"}}'
        )
        at, contact = self._moment(self._order_ago(order_number)), self.buyers[order_number]
        return self._event(
            number, "order.placed", self._shop_source, f"order:bench-{order}:placed", contact, subject, data, at
        )

    @property
    def _shop_source(self) -> str:
        return f"shop:{self.around.shop_public_id}"

    def _happening(self, chance: random.Random, number: int) -> Row:
        draw = chance.random
        elapsed = (number + draw()) / self.sizes.events
        kind = HAPPENINGS[int(draw() * 100)]
        contact = self._someone(chance, self._reading, elapsed)
        at = self._moment((1 - elapsed) * YEARS_OF_EVENTS * YEAR)
        source = self._shop_source if kind.startswith("cart.") else "bench"
        key = f"bench:{self.around.first.events + number}"
        return self._event(number, kind, source, key, contact, "", self._data(kind, draw(), draw()), at)

    def _data(self, kind: str, which: float, how: float) -> str:
        if kind.startswith("message."):
            message = self.around.emails[int(which * EMAILS)]
            if kind == "message.sent":
                return f'{{"message": "{message}"}}'
            return f'{{"message": "{message}", "by": "{OPENERS[int(how * len(OPENERS))]}"}}'
        if kind == "page.viewed":
            return f'{{"page": "{1 + int(which * 200)}"}}'
        return f'{{"product": "product-{int(which * which * PRODUCTS)}", "total": "{5 + int(how * 300)}.50"}}'

    def _event(
        self, number: int, kind: str, source: str, key: str, contact: int, subject: str, data: str, at: str
    ) -> Row:
        ids = self.around.first
        # Matched already: what happened long ago must not start anything.
        return str(ids.events + number), kind, source, key, str(ids.contacts + contact), subject, data, at, at, at, "0"


def _value(kind: str, chance: random.Random) -> tuple[str, str, str, str, str]:
    """text, text_folded, number, boolean, date: the one of the kind is filled."""
    if kind == "text":
        city = chance.choice(CITIES)
        return city, city.casefold(), NULL, NULL, NULL
    if kind == "number":
        return NULL, NULL, str(int(1000 * chance.random() ** 2) * 10**PLACES), NULL, NULL
    if kind == "boolean":
        return NULL, NULL, NULL, "t" if chance.random() < 0.3 else "f", NULL
    return NULL, NULL, NULL, NULL, date.fromordinal(_FIRST_BIRTHDAY + int(chance.random() * 20_000)).isoformat()


_FIRST_BIRTHDAY = date(1950, 1, 1).toordinal()


def _currency(order: int) -> str:
    return CURRENCIES[order * 7 % len(CURRENCIES)]


def _price(product: int) -> int:
    """Between 5.00 and 154.90, in millionths."""
    return (5 + product * 37 % 150) * 10**PLACES + product % 10 * 10 ** (PLACES - 1)


def _uuid(chance: random.Random) -> str:
    return str(UUID(int=chance.getrandbits(128), version=4))


def order_uuid(order: int) -> str:
    """The public id of an order, from its number: the events about it name it too."""
    return str(UUID(int=order * 0x9E3779B97F4A7C15F39CC0605CEDC835 & (1 << 128) - 1, version=4))
