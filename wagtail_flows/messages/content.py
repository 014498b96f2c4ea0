"""The content of deliveries: the right translation, the closed context, rendered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext
from wagtail.models import Site

from wagtail_flows.conf import conf
from wagtail_flows.contacts.links import confirm_url, unsubscribe_url
from wagtail_flows.lib.public_urls import root_url
from wagtail_flows.messages import confirmations, context, reasons
from wagtail_flows.messages.delivery_models import Basis, Delivery, Stream
from wagtail_flows.messages.loading import Batch, loaded
from wagtail_flows.messages.parts import Footer
from wagtail_flows.messages.render import Rendered, RenderInput, render
from wagtail_flows.messages.sender import Sender, sender_of


@dataclass(frozen=True, slots=True)
class Prepared:
    """One mail, ready but for its headers.

    `rendered.errors` forbid sending it. `unsubscribe_url` is empty for transactional mail.
    """

    rendered: Rendered
    sender: Sender
    locale: str
    unsubscribe_url: str = ""
    revision_id: int | None = None


@dataclass(frozen=True, slots=True)
class Unrendered:
    """All that one mail is made of. Rendering it asks the database nothing."""

    given: RenderInput
    sender: Sender
    unsubscribe_url: str
    revision_id: int | None = None

    def rendered(self) -> Prepared:
        return Prepared(render(self.given), self.sender, self.given.locale, self.unsubscribe_url, self.revision_id)


@dataclass(frozen=True, slots=True)
class NotPrepared:
    """Nothing to send; `reason` is a code of `messages.reasons` for the skipped delivery."""

    reason: str


def gather(deliveries: Sequence[Delivery]) -> dict[int, Unrendered | NotPrepared]:
    """Delivery's primary key → what its mail is made of. The number of queries doesn't depend on the number of
    deliveries.
    """
    batch = loaded(deliveries)
    return {delivery.pk: _gathered(delivery, batch) for delivery in deliveries}


def _gathered(delivery: Delivery, batch: Batch) -> Unrendered | NotPrepared:
    if delivery.kind != Delivery.Kind.MESSAGE:
        return _fixed(delivery, batch)
    message = batch.message(delivery)
    if message is None:
        return NotPrepared(reasons.MESSAGE_NOT_LIVE)
    locale = message.locale.language_code
    text = confirmations.Written(message.subject, message.preheader, batch.parts(message))
    mail = _mail(delivery, batch, text, locale, sender_name=message.sender_name)
    return replace(mail, revision_id=message.live_revision_id)


def _fixed(delivery: Delivery, batch: Batch) -> Unrendered | NotPrepared:
    links = {}
    if delivery.kind == Delivery.Kind.CONFIRMATION:
        subscription = batch.subscription(delivery)
        if subscription is None:
            return NotPrepared(reasons.NOT_PENDING)
        links["confirm"] = confirm_url(subscription, _link_site(batch.site(delivery)))
    locale = delivery.locale or delivery.contact.locale or settings.LANGUAGE_CODE
    with translation.override(locale):
        text = confirmations.written(delivery.kind, is_invited=_is_invited(delivery))
    return _mail(delivery, batch, text, locale, links=links)


def _mail(
    delivery: Delivery,
    batch: Batch,
    text: confirmations.Written,
    locale: str,
    *,
    sender_name: str = "",
    links: Mapping[str, str] | None = None,
) -> Unrendered:
    site = batch.site(delivery)
    sender = sender_of(batch.senders.get(site.pk) if site else None, site, sender_name)
    leave = leaving_url(delivery, site)
    with translation.override(locale):
        known = closed_context(delivery, batch.about(delivery), site, {"unsubscribe": leave, **(links or {})})
        footer = Footer(sender.name, sender.postal_address, why(delivery, known), leave)
    given = RenderInput(text.subject, text.preheader, text.parts, known, locale, base_url(site), footer)
    return Unrendered(given, sender, leave)


def closed_context(
    delivery: Delivery, about: Mapping[str, Mapping[str, Any]], site: Site | None, links: Mapping[str, str]
) -> dict[str, Any]:
    """Everything that this mail may name, in the active language."""
    event = delivery.context.get("event")
    return {
        **context.about_subjects(about),
        "contact": context.about_contact(delivery.contact),
        "list": context.about_list(delivery.mailing_list),
        "site": {"name": name_of(site), "url": base_url(site)},
        "event": event if isinstance(event, dict) else {},
        "links": dict(links),
    }


def why(delivery: Delivery, known: Mapping[str, Any]) -> str:
    """The sentence of the footer that says why one gets this mail, in the active language."""
    names = {"list": known["list"].get("name", ""), "site": known["site"]["name"], **_shop(known)}
    if _is_invited(delivery):
        return gettext("You get this e-mail once, because %(site)s knows this address.") % names
    if delivery.kind == Delivery.Kind.CONFIRMATION:
        return gettext("You get this e-mail because this address was entered on %(site)s.") % names
    if delivery.basis == Basis.SUBSCRIPTION and names["list"]:
        return gettext("You get this e-mail because you subscribed to “%(list)s”.") % names
    if delivery.basis == Basis.EXISTING_CUSTOMER:
        return gettext("You get this e-mail because you are a customer of %(shop)s.") % names
    return ""


def _is_invited(delivery: Delivery) -> bool:
    return delivery.context.get(confirmations.IS_INVITED) is True


def _shop(known: Mapping[str, Any]) -> dict[str, str]:
    return {"shop": known.get("shop", {}).get("name") or known["site"]["name"]}


def leaving_url(delivery: Delivery, site: Site | None) -> str:
    """Where the contact leaves what this delivery belongs to; "" where there is nothing to leave."""
    if delivery.stream != Stream.COMMERCIAL:
        return ""
    return unsubscribe_url(delivery.contact, delivery.mailing_list, delivery.public_id, _link_site(site))


def _link_site(site: Site | None) -> Site | None:
    """The site to make links with. The default site gives way to FLOWS_BASE_URL, which is there to replace it."""
    return None if site is None or (site.is_default_site and conf.BASE_URL) else site


def name_of(site: Site | None) -> str:
    """What the site calls itself; Wagtail leaves that empty until somebody fills it in."""
    return (site.site_name or site.hostname) if site else getattr(settings, "WAGTAIL_SITE_NAME", "")


def base_url(site: Site | None) -> str:
    """Scheme and host of the addresses in a mail; raises NoPublicAddress where there is none at all."""
    return root_url(_link_site(site))
