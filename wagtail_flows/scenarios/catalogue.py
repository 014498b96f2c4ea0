"""What graphs may name in this installation: messages, lists, kinds of event.

Messages and webhook endpoints are found by the name of their model: this room and theirs don't import each other.
"""

from __future__ import annotations

import uuid

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from wagtail.models import Page

from wagtail_flows.contacts.models import MailingList, Property
from wagtail_flows.events import kinds
from wagtail_flows.scenarios import rules, staff, texts
from wagtail_flows.scenarios.references import (
    KnownEventKind,
    KnownMessage,
    KnownProperty,
    KnownWebhook,
    Reference,
    References,
    Target,
)
from wagtail_flows.segments.models import Segment


# The legal bases, as messages store them, that need a list, and a purchase.
BASIS_WITH_LIST = "subscription"
BASIS_OF_CUSTOMERS = "existing_customer"
MAX_OFFERED = 100
BY_UUID = (Target.MESSAGE, Target.MAILING_LIST, Target.SEGMENT, Target.WEBHOOK)


def known(references: Iterable[Reference]) -> References:
    """What is known about everything these references name. A few queries, and those that the rules among them need."""
    keys = keys_by_target(references)
    return References(
        messages=_messages(keys.get(Target.MESSAGE, set())),
        mailing_lists=_mailing_lists(keys.get(Target.MAILING_LIST, set())),
        event_kinds={kind.name: KnownEventKind(str(kind.label), frozenset(kind.fields)) for kind in kinds.all_kinds()},
        segments=rules.known_segments(keys.get(Target.SEGMENT, set())),
        rules=rules.known_rules(keys.get(Target.RULE, set())),
        properties=_properties() if keys.get(Target.PROPERTY) else {},
        pages=_pages(keys.get(Target.PAGE, set())),
        webhooks=_webhooks(keys.get(Target.WEBHOOK, set())),
        groups=staff.known_groups(keys.get(Target.STAFF_GROUP, set())),
        staff=staff.known_people(keys.get(Target.STAFF_ADDRESS, set())),
        texts=texts.known_texts(keys.get(Target.TEXT, set())),
    )


@dataclass(frozen=True)
class Offer:
    """One kind of thing that a graph may name: (what to write, what people call it) of each."""

    label: str
    names: tuple[tuple[str, str], ...]


def offered() -> list[Offer]:
    """Everything that a graph may name here, for who writes one by hand; of e-mails and lists the first by name."""
    # By the key, so that a message in several languages is named once.
    messages = dict(_message_model()._default_manager.order_by("-name").values_list("translation_key", "name"))
    lists = MailingList.objects.order_by("name").values_list("public_id", "name")[:MAX_OFFERED]
    segments = Segment.objects.order_by("name").values_list("public_id", "name")[:MAX_OFFERED]
    webhooks = _webhook_model()._default_manager.order_by("name").values_list("public_id", "name")[:MAX_OFFERED]
    return [
        Offer(_("Kinds of event"), tuple((kind.name, str(kind.label)) for kind in kinds.all_kinds())),
        Offer(_("E-mails"), tuple((str(key), name) for key, name in list(messages.items())[::-1][:MAX_OFFERED])),
        Offer(_("Lists"), tuple((str(key), name) for key, name in lists)),
        Offer(_("Segments"), tuple((str(key), name) for key, name in segments)),
        Offer(_("Properties"), tuple((name, known.label) for name, known in _properties().items())),
        Offer(_("Webhook endpoints"), tuple((str(key), name) for key, name in webhooks)),
        Offer(_("Groups of the staff"), tuple((name, name) for name in staff.group_names()[:MAX_OFFERED])),
        Offer(_("Pages"), tuple((str(pk), title) for pk, title in _first_pages())),
    ]


def _first_pages() -> Iterable[tuple[int, str]]:
    """The topmost ones: what is below them is meant by them."""
    return Page.objects.filter(depth__gt=1).order_by("depth", "path").values_list("pk", "title")[:MAX_OFFERED]


def keys_by_target(references: Iterable[Reference]) -> dict[Target, set[str]]:
    """The keys named, by what they name; those that can't be one of ours are left out."""
    keys: dict[Target, set[str]] = {}
    for reference in references:
        if reference.target not in BY_UUID or _is_uuid(reference.key):
            keys.setdefault(reference.target, set()).add(reference.key)
    return keys


def _is_uuid(key: str) -> bool:
    try:
        return str(uuid.UUID(key)) == key
    except ValueError:
        return False


def objects_named(target: Target, keys: set[str]) -> Iterator[tuple[type[models.Model], Any, str]]:
    """(model, primary key, key) of each object; a message in several languages is several objects."""
    match target:
        case Target.MESSAGE:
            model, field = _message_model(), "translation_key"
        case Target.MAILING_LIST:
            model, field = MailingList, "public_id"
        case Target.SEGMENT:
            model, field = Segment, "public_id"
        case Target.PROPERTY:
            model, field = Property, "name"
        case Target.PAGE:
            model, field = Page, "pk"
        case Target.WEBHOOK:
            model, field = _webhook_model(), "public_id"
        case Target.STAFF_GROUP:
            model, field = Group, "name"
        case Target.EVENT_KIND | Target.RULE | Target.STAFF_ADDRESS | Target.TEXT:
            return
    for pk, key in model._default_manager.filter(**{f"{field}__in": keys}).values_list("pk", field):
        yield model, pk, str(key)


def _message_model() -> type[models.Model]:
    return apps.get_model("wagtail_flows", "Message")


def _webhook_model() -> type[models.Model]:
    return apps.get_model("wagtail_flows", "WebhookEndpoint")


def _webhooks(keys: set[str]) -> dict[str, KnownWebhook]:
    rows = (
        _webhook_model()._default_manager.filter(public_id__in=keys)
        if keys
        else _webhook_model()._default_manager.none()
    )
    found = rows.values_list("public_id", "name", "is_active")
    return {str(public_id): KnownWebhook(name, is_active) for public_id, name, is_active in found}


def _messages(keys: set[str]) -> dict[str, KnownMessage]:
    """One entry for all languages of a message: live where any is, named in the language of the reader where there is
    one.
    """
    found: dict[str, KnownMessage] = {}
    if not keys:
        return found
    rows = _message_model()._default_manager.filter(translation_key__in=keys)
    language = get_language() or ""
    for key, name, live, basis, code in rows.values_list(
        "translation_key", "name", "live", "basis", "locale__language_code"
    ):
        before = found.get(str(key))
        found[str(key)] = KnownMessage(
            name=name if before is None or code == language else before.name,
            is_live=live or (before is not None and before.is_live),
            needs_list=basis == BASIS_WITH_LIST or (before is not None and before.needs_list),
            needs_customer=basis == BASIS_OF_CUSTOMERS or (before is not None and before.needs_customer),
        )
    return found


def _mailing_lists(keys: set[str]) -> dict[str, str]:
    rows = MailingList.objects.filter(public_id__in=keys).values_list("public_id", "name") if keys else ()
    return {str(public_id): name for public_id, name in rows}


def _pages(keys: set[str]) -> dict[str, str]:
    """Titles by id."""
    rows = Page.objects.filter(pk__in=keys).values_list("pk", "title") if keys else ()
    return {str(pk): title for pk, title in rows}


def _properties() -> dict[str, KnownProperty]:
    return {one.name: KnownProperty(one.label, one.type) for one in Property.objects.order_by("name")}
