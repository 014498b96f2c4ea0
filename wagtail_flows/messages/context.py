"""The closed context: everything that a message may name, as plain text, numbers, dates, lists and dictionaries.

contact   first_name, last_name, email, locale, and each property by its name
list      name, description                       (where the mail goes out for a list)
site      name, url
links     unsubscribe                             (commercial mail only)
event     the data of the event that started the enrollment
order     what the shop's loader answers, see `register_context`
shop      name, url of the shop of that order
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from wagtail_flows.contacts.models import Contact, MailingList, Property
from wagtail_flows.messages.formats import localized
from wagtail_flows.messages.personalize import KnownNames


Loader: TypeAlias = Callable[[Sequence[str]], Mapping[str, Mapping[str, Any]]]

CONTACT_NAMES = frozenset({"first_name", "last_name", "email", "locale"})
# What the order of any shop has; a loader that answers more registers its own names.
ORDER_NAMES = frozenset(
    {"number", "currency", "total", "locale", "lines", "shop"}
    | {"placed_at", "paid_at", "shipped_at", "delivered_at", "cancelled_at", "refunded_at"}
)


@dataclass(frozen=True, slots=True)
class _Registered:
    loader: Loader
    names: frozenset[str] | None


_registered: dict[str, _Registered] = {}


def register_context(name: str, loader: Loader, names: Iterable[str] | None = ORDER_NAMES) -> None:
    """Fill `{{ name.… }}` from the subject of an enrollment.

    `loader` gets the subjects of a whole batch ("order:<uuid>", those with its own name only) and answers a dictionary
    for each one it knows, with one or two queries whatever their number. An order is::

        {"number": str, "currency": "EUR", "total": Decimal | None, "locale": str, "site": primary key of a Site | None,
         "placed_at": aware datetime | None, …, "shop": {"name": str, "url": str},
         "lines": [{"name": str, "variant": str, "sku": str, "quantity": int, "price": Decimal | None,
                    "image_url": str, "review_url": str}]}

    Money, dates and times are given raw: they are written out for the language of each mail here. `names` are what may
    follow the dot, for warnings about variables that nothing fills; None allows any. Registering a name again replaces
    its loader.
    """
    _registered[name] = _Registered(loader, None if names is None else frozenset(names))


def subjects_of(delivery_context: Mapping[str, Any]) -> dict[str, str]:
    """Registered name → subject, from what was queued: `{"subject": "order:<uuid>"}` or `{"order": "<uuid>"}`."""
    found: dict[str, str] = {}
    for name in _registered:
        subject, direct = delivery_context.get("subject"), delivery_context.get(name)
        if isinstance(subject, str) and subject.startswith(f"{name}:"):
            found[name] = subject
        elif isinstance(direct, str) and direct:
            found[name] = direct if ":" in direct else f"{name}:{direct}"
    return found


def load(subjects: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """Ask each loader once for all of its subjects."""
    wanted = sorted(set(subjects))
    loaded: dict[str, Mapping[str, Any]] = {}
    for name, registered in _registered.items():
        own = [subject for subject in wanted if subject.startswith(f"{name}:")]
        if own:
            loaded.update(registered.loader(own))
    return loaded


def known_names() -> KnownNames:
    """What messages may name, for warnings. One query: the properties."""
    properties = frozenset(Property.objects.values_list("name", flat=True))
    known: dict[str, frozenset[str] | None] = {
        "contact": CONTACT_NAMES | properties,
        "list": frozenset({"name", "description"}),
        "site": frozenset({"name", "url"}),
        "links": frozenset({"unsubscribe"}),
        "event": None,
        "order": ORDER_NAMES,
        "shop": frozenset({"name", "url"}),
    }
    return known | {name: registered.names for name, registered in _registered.items()}


def about_contact(contact: Contact) -> dict[str, Any]:
    """The contact's own names win over properties called alike. Wants `properties__property` prefetched."""
    properties = {value.property.name: _plain(value.value) for value in contact.properties.all()}
    return properties | {
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "email": contact.address,
        "locale": contact.locale,
    }


def _plain(value: Any) -> Any:
    """Numbers as Liquid counts with them: 7 and not 7.000000."""
    if hasattr(value, "to_integral_value"):
        return int(value) if value == value.to_integral_value() else float(value)
    return "" if value is None else value


def about_list(mailing_list: MailingList | None) -> dict[str, Any]:
    if mailing_list is None:
        return {}
    return {"name": mailing_list.public_name, "description": mailing_list.public_description}


def about_subjects(loaded: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What the loaders answered, money and dates in the active language; the order's shop also stands for itself."""
    shown = {name: localized(data) for name, data in loaded.items()}
    shop = shown.get("order", {}).get("shop")
    return shown | ({"shop": shop} if shop else {})
