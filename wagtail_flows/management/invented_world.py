"""What invented people choose from, and how much of everything there is to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


YEARS_OF_CONTACTS = 3
YEARS_OF_EVENTS = 2
YEAR = 365 * 86_400.0

LOCALES = ("fr",) * 9 + ("en",) * 6 + ("de",) * 3 + ("pl", "")
ZONES = {"fr": "Europe/Paris", "en": "Europe/London", "de": "Europe/Berlin", "pl": "Europe/Warsaw", "": ""}
DOMAINS = ("gmail.example",) * 8 + ("orange.example", "outlook.example", "web.example", "post.example", "firm.example")
FIRST_NAMES = ("Agnès", "Bram", "Chloé", "Dariusz", "Émile", "Frida", "Gaspard", "Hanna", "Inès", "Jonas", "Léa", "Zoë")
LAST_NAMES = ("Arnaud", "Bernard", "Colin", "Dupont", "Eriksson", "Fabre", "Kowalska", "Moreau", "Novak", "Smith")
CITIES = ("Paris",) * 6 + ("Lyon", "Marseille", "Lille", "Nantes", "Berlin", "London", "Warszawa", "Gent", "Genève")

# Name of each list, and the share of contacts that ever asked for it.
LISTS = {"Newsletter": 0.7, "Offers": 0.3, "Workshops": 0.12, "Partners": 0.05, "Press": 0.01}
# Name and type of each property, and the share of contacts of whom it is known.
PROPERTIES = {
    "birthday": ("date", 0.7),
    "city": ("text", 0.6),
    "points": ("number", 0.5),
    "is_member": ("boolean", 0.8),
}
EMAILS = 24
PRODUCTS = 500
CATEGORIES = ("shoes", "bags", "belts", "hats", "care", "gloves", "scarves", "wallets", "laces", "gifts")
CURRENCIES = ("EUR",) * 8 + ("USD", "PLN")

# What happens besides orders, of a hundred.
HAPPENINGS = (
    ("message.sent",) * 40
    + ("message.opened",) * 25
    + ("message.clicked",) * 6
    + ("page.viewed",) * 17
    + ("cart.updated",) * 8
    + ("cart.abandoned",) * 4
)
OPENERS = ("human",) * 6 + ("machine",) * 3 + ("unknown",)


@dataclass(frozen=True)
class Sizes:
    """How much of everything. Lines come at two an order, on average."""

    contacts: int
    events: int
    orders: int


@dataclass(frozen=True)
class Around:
    """What the rows belong to: made before them, by hand-made ids. `first` is where the ids of contacts, events and
    orders begin.
    """

    lists: Sequence[int]
    properties: dict[str, int]
    emails: Sequence[str]
    shop: int
    shop_public_id: str
    first: Sizes = Sizes(1, 1, 1)
