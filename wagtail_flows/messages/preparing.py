"""Preparing: rendering and composing a batch before its first mail is handed over, so that nothing slow stands between
two mails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import Error as DatabaseError

from wagtail_flows.lib.public_urls import NoPublicAddress
from wagtail_flows.messages import content, reasons
from wagtail_flows.messages.channels.port import Ready, Spoiled
from wagtail_flows.messages.delivery_models import Delivery
from wagtail_flows.messages.envelope import CannotBeWritten, SenderUnusable, compose
from wagtail_flows.messages.gates import Skip
from wagtail_flows.messages.replies import PermanentRefusal, Unavailable, described


def ready_mails(deliveries: Sequence[Delivery]) -> list[Ready | Spoiled]:
    """The mail of each. One that can't be made doesn't hinder the others; errors of the database pass."""
    if not deliveries:
        return []
    try:
        prepared = content.prepare(deliveries)
    except DatabaseError:
        raise
    except Exception:  # noqa: BLE001 - the one that breaks the rendering is found by rendering each alone
        return [_alone(delivery) for delivery in deliveries]
    return [_composed(delivery, prepared) for delivery in deliveries]


def _alone(delivery: Delivery) -> Ready | Spoiled:
    try:
        return _composed(delivery, content.prepare([delivery]))
    except DatabaseError:
        raise
    except NoPublicAddress as error:
        return Spoiled(delivery, Unavailable(described(error)))
    except Exception as error:  # noqa: BLE001 - one mail that can't be rendered must not stop all the others behind it
        return Spoiled(delivery, PermanentRefusal(reasons.RENDERING_FAILED, described(error)))


def _composed(delivery: Delivery, prepared: Mapping[int, content.Preparation]) -> Ready | Spoiled:
    found = prepared[delivery.pk]
    if isinstance(found, content.NotPrepared):
        return Spoiled(delivery, Skip(found.reason))
    if found.rendered.errors:
        said = "\n".join(str(problem.text) for problem in found.rendered.errors)
        return Spoiled(delivery, PermanentRefusal(reasons.RENDERING_FAILED, said))
    try:
        return Ready(delivery, compose(delivery, found), found.revision_id)
    except CannotBeWritten as error:
        return Spoiled(delivery, PermanentRefusal(error.reason, str(error)))
    except SenderUnusable as error:
        return Spoiled(delivery, Unavailable(str(error)))
