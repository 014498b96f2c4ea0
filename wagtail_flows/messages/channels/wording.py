"""What the texts of steps may name: the same closed context as e-mails, for deliveries that have no e-mail."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseError
from django.utils import translation

from wagtail_flows.lib.public_urls import NoPublicAddress
from wagtail_flows.messages.channels.port import Ready, Spoiled
from wagtail_flows.messages.content import closed_context, leaving_url
from wagtail_flows.messages.delivery_models import Delivery
from wagtail_flows.messages.loading import Batch, loaded
from wagtail_flows.messages.personalize import NotPersonalizable
from wagtail_flows.messages.replies import PermanentRefusal, Unavailable, described


# What a delivery becomes with what it may name, in the language of the contact. Raises NotPersonalizable.
Maker = Callable[[Delivery, Batch, Mapping[str, Any]], Ready | Spoiled]


def payload_of(delivery: Delivery) -> Mapping[str, Any]:
    """What the step gave along."""
    found = delivery.context.get("payload")
    return found if isinstance(found, dict) else {}


def made(deliveries: Sequence[Delivery], make: Maker, *, unusable: str) -> list[Ready | Spoiled]:
    """The copy of each. One whose text can't be filled in fails with the reason `unusable` and doesn't hinder the
    others. The number of queries doesn't depend on the number of deliveries.
    """
    if not deliveries:
        return []
    batch = loaded(deliveries)
    return [_made(one, batch, make, unusable) for one in deliveries]


def _made(delivery: Delivery, batch: Batch, make: Maker, unusable: str) -> Ready | Spoiled:
    site = batch.site(delivery)
    try:
        with translation.override(delivery.locale or delivery.contact.locale or settings.LANGUAGE_CODE):
            links = {"unsubscribe": leaving_url(delivery, site)}
            return make(delivery, batch, closed_context(delivery, batch.about(delivery), site, links))
    except DatabaseError:
        raise
    except NoPublicAddress as error:
        return Spoiled(delivery, Unavailable(described(error)))
    except NotPersonalizable as error:
        return Spoiled(delivery, PermanentRefusal(unusable, str(error)))
