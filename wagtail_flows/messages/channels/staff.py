"""Notices to the staff: one mail to those whom a step names, as far as they may enter the admin.

It goes by the same line as e-mails to contacts, and takes from the same rate of the mail server, but isn't one:
nothing can be unsubscribed from, and what a contact refuses doesn't stop it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from wagtail_flows.contacts.models import Contact
from wagtail_flows.lib.public_urls import root_url
from wagtail_flows.messages import reasons
from wagtail_flows.messages.channels.port import Channel, Ready, Spoiled
from wagtail_flows.messages.channels.wording import made, payload_of
from wagtail_flows.messages.delivery_models import Delivery
from wagtail_flows.messages.envelope import CannotBeWritten, SenderUnusable, compose_notice
from wagtail_flows.messages.gates import Skip
from wagtail_flows.messages.loading import Batch
from wagtail_flows.messages.personalize import personalize, personalize_line
from wagtail_flows.messages.replies import PermanentRefusal, Unavailable
from wagtail_flows.messages.sender import sender_of
from wagtail_flows.messages.transport import Line, mailer


STAFF = "staff"
MAY_ENTER = "wagtailadmin.access_admin"

NOBODY = "staff_nobody"
TEXT_UNUSABLE = "staff_text_unusable"

reasons.register(NOBODY, _("Nobody of those named is active, has an e-mail address and may enter the admin."))
reasons.register(TEXT_UNUSABLE, _("The text of the notice couldn't be filled in."))


def ready_notices(deliveries: Sequence[Delivery]) -> list[Ready | Spoiled]:
    """The notice of each, to whoever belongs to those named at this moment."""
    staff = _Staff(payload_of(one) for one in deliveries)

    def notice(delivery: Delivery, batch: Batch, known: Mapping[str, Any]) -> Ready | Spoiled:
        recipients = staff.named_by(payload_of(delivery))
        return _ready(delivery, batch, known, recipients) if recipients else Spoiled(delivery, Skip(NOBODY))

    return made(deliveries, notice, unusable=TEXT_UNUSABLE)


class _Staff:
    """Whoever is named in some payloads and may enter the admin: a query for all of them, and one or two for each
    person.
    """

    def __init__(self, payloads: Iterable[Mapping[str, Any]]) -> None:
        groups, addresses = set[str](), set[str]()
        for payload in payloads:
            groups.update(payload.get("groups", ()))
            addresses.update(map(str.casefold, payload.get("addresses", ())))
        self._groups: dict[str, list[str]] = {}
        self._addresses: dict[str, str] = {}
        for user in _users(groups, addresses):
            if user.has_perm(MAY_ENTER):
                self._note(user)

    def _note(self, user: Any) -> None:
        address = str(getattr(user, user.get_email_field_name()))
        self._addresses[address.casefold()] = address
        for group in user.groups.all():
            self._groups.setdefault(group.name, []).append(address)

    def named_by(self, payload: Mapping[str, Any]) -> list[str]:
        """The addresses, each once."""
        found = [address for name in payload.get("groups", ()) for address in self._groups.get(name, ())]
        typed = map(str.casefold, payload.get("addresses", ()))
        found += [self._addresses[address] for address in typed if address in self._addresses]
        return list(dict.fromkeys(found))


def _users(groups: set[str], addresses: set[str]) -> Iterable[Any]:
    model = get_user_model()
    field = model.get_email_field_name()
    wanted = Q(groups__name__in=groups)
    for address in sorted(addresses):
        wanted |= Q(**{f"{field}__iexact": address})
    found = model._default_manager.filter(wanted, is_active=True).exclude(**{field: ""}).exclude(**{field: None})
    return found.distinct().order_by("pk").prefetch_related("groups")


def _ready(delivery: Delivery, batch: Batch, known: Mapping[str, Any], recipients: Sequence[str]) -> Ready | Spoiled:
    payload, site = payload_of(delivery), batch.site(delivery)
    link = contact_url(delivery.contact)
    names = {**known, "links": {"contact": link}}
    subject = personalize_line(str(payload.get("subject") or ""), names)
    text = personalize(str(payload.get("text") or ""), names)
    body = text if link in text else f"{text}\n\n{link}\n"
    sender = sender_of(batch.senders.get(site.pk) if site else None, site)
    try:
        return Ready(delivery, compose_notice(delivery, subject, body, sender, recipients))
    except CannotBeWritten as error:
        return Spoiled(delivery, PermanentRefusal(error.reason, str(error)))
    except SenderUnusable as error:
        return Spoiled(delivery, Unavailable(str(error)))


def contact_url(contact: Contact) -> str:
    """The contact's page in the admin, with its host: Wagtail's WAGTAILADMIN_BASE_URL, else the site's own."""
    with translation.override(settings.LANGUAGE_CODE):
        path = reverse("flows_contacts:inspect", args=[contact.pk])
    return (getattr(settings, "WAGTAILADMIN_BASE_URL", "") or root_url()).rstrip("/") + path


CHANNEL = Channel(STAFF, _("staff notice"), ready_notices, Line, reaches_contact=False, transport=mailer)
