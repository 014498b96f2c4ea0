"""Everything that a batch of deliveries needs from the database, in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import prefetch_related_objects
from wagtail.models import Site

from wagtail_flows.contacts.models import Subscription
from wagtail_flows.messages.context import load, subjects_of
from wagtail_flows.messages.delivery_models import Delivery
from wagtail_flows.messages.freezing import frozen
from wagtail_flows.messages.message_model import Message
from wagtail_flows.messages.parts import Part
from wagtail_flows.messages.settings_model import SenderSettings
from wagtail_flows.messages.translations import chosen


@dataclass(slots=True)
class Batch:
    """What was loaded for some deliveries, and the questions it answers without asking the database again."""

    messages: Mapping[UUID, Sequence[Message]]
    subjects: Mapping[str, Mapping[str, Any]]
    sites: Mapping[int, Site]
    senders: Mapping[int, SenderSettings]
    subscriptions: Mapping[tuple[int, int], Subscription]
    _frozen: dict[int, tuple[Part, ...]] = field(default_factory=dict)

    def about(self, delivery: Delivery) -> dict[str, Mapping[str, Any]]:
        """Registered name → what its loader answered for this delivery, as far as it did."""
        wanted = subjects_of(delivery.context)
        return {name: self.subjects[subject] for name, subject in wanted.items() if subject in self.subjects}

    def message(self, delivery: Delivery) -> Message | None:
        """The live translation for this person; None where nothing is live."""
        if delivery.message_key is None:
            return None
        order_locale = str(self.about(delivery).get("order", {}).get("locale") or "")
        wanted = (delivery.locale, delivery.contact.locale, order_locale)
        return chosen(self.messages.get(delivery.message_key, ()), wanted, settings.LANGUAGE_CODE)

    def site(self, delivery: Delivery) -> Site | None:
        """The site of the list, else of the order's shop, else the default site."""
        of_list = delivery.mailing_list.site_id if delivery.mailing_list else None
        return self.sites.get(of_list or self.about(delivery).get("order", {}).get("site") or 0) or self.default_site

    @property
    def default_site(self) -> Site | None:
        return next((site for site in self.sites.values() if site.is_default_site), None)

    def subscription(self, delivery: Delivery) -> Subscription | None:
        return self.subscriptions.get((delivery.contact_id, delivery.mailing_list_id or 0))

    def parts(self, message: Message) -> tuple[Part, ...]:
        """The message's frozen body, made once for the batch."""
        if message.pk not in self._frozen:
            self._frozen[message.pk] = frozen(message.body)
        return self._frozen[message.pk]


def loaded(deliveries: Sequence[Delivery]) -> Batch:
    """Load a batch; relations already on the deliveries aren't loaded again."""
    prefetch_related_objects(deliveries, "contact__properties__property", "mailing_list")
    return Batch(
        messages=_messages({delivery.message_key for delivery in deliveries if delivery.message_key}),
        subjects=load(subject for delivery in deliveries for subject in subjects_of(delivery.context).values()),
        sites={site.pk: site for site in Site.objects.all()},
        senders={sender.site_id: sender for sender in SenderSettings.objects.all()},
        subscriptions=_subscriptions(deliveries),
    )


def _messages(keys: Iterable[UUID]) -> dict[UUID, list[Message]]:
    by_key: dict[UUID, list[Message]] = defaultdict(list)
    for message in Message.objects.filter(translation_key__in=list(keys), live=True).select_related("locale"):
        by_key[message.translation_key].append(message)
    return by_key


def _subscriptions(deliveries: Sequence[Delivery]) -> dict[tuple[int, int], Subscription]:
    """Of those who are asked for a confirmation; nobody else's are needed."""
    asked = [delivery for delivery in deliveries if delivery.kind == Delivery.Kind.CONFIRMATION]
    if not asked:
        return {}
    found = Subscription.objects.filter(
        contact_id__in={delivery.contact_id for delivery in asked},
        mailing_list_id__in={delivery.mailing_list_id for delivery in asked},
    ).select_related("mailing_list__site")
    return {(subscription.contact_id, subscription.mailing_list_id): subscription for subscription in found}
