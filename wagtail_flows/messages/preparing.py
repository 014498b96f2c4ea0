"""Preparing: a batch of mails, each rendered and composed when its turn comes.

All that the database must say is asked before the first one. So the next mail can be made while the database is busy
with the one before, and nothing slow stands between two mails.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from django.db import Error as DatabaseError

from wagtail_flows.lib.public_urls import NoPublicAddress
from wagtail_flows.messages import content, reasons
from wagtail_flows.messages.backends import SMTP, named_backends
from wagtail_flows.messages.channels.port import Ready, Spoiled
from wagtail_flows.messages.content import NotPrepared, Unrendered
from wagtail_flows.messages.delivery_models import Delivery
from wagtail_flows.messages.envelope import CannotBeWritten, SenderUnusable, compose
from wagtail_flows.messages.gates import Skip
from wagtail_flows.messages.replies import Answer, PermanentRefusal, Unavailable, described
from wagtail_flows.messages.wire import write_ahead


Gathered: TypeAlias = Unrendered | NotPrepared | Answer


def ready_mails(deliveries: Sequence[Delivery]) -> Iterator[Ready | Spoiled]:
    """The mail of each. One that can't be made doesn't hinder the others; errors of the database pass."""
    gathered = _gathered(deliveries) if deliveries else {}
    return (_made(delivery, gathered[delivery.pk]) for delivery in deliveries)


def _gathered(deliveries: Sequence[Delivery]) -> Mapping[int, Gathered]:
    try:
        return content.gather(deliveries)
    except DatabaseError:
        raise
    except Exception:  # noqa: BLE001 - the one that breaks the batch is found by taking each alone
        return {delivery.pk: _gathered_alone(delivery) for delivery in deliveries}


def _gathered_alone(delivery: Delivery) -> Gathered:
    try:
        return content.gather([delivery])[delivery.pk]
    except DatabaseError:
        raise
    except NoPublicAddress as error:
        return Unavailable(described(error))
    except Exception as error:  # noqa: BLE001 - one mail that can't be made must not stop all the others behind it
        return PermanentRefusal(reasons.RENDERING_FAILED, described(error))


def _made(delivery: Delivery, gathered: Gathered) -> Ready | Spoiled:
    if isinstance(gathered, NotPrepared):
        return Spoiled(delivery, Skip(gathered.reason))
    if not isinstance(gathered, Unrendered):
        return Spoiled(delivery, gathered)
    try:
        return _composed(delivery, gathered.rendered())
    except DatabaseError:
        raise
    except CannotBeWritten as error:
        return Spoiled(delivery, PermanentRefusal(error.reason, str(error)))
    except SenderUnusable as error:
        return Spoiled(delivery, Unavailable(str(error)))
    except Exception as error:  # noqa: BLE001 - as above
        return Spoiled(delivery, PermanentRefusal(reasons.RENDERING_FAILED, described(error)))


def _composed(delivery: Delivery, prepared: content.Prepared) -> Ready | Spoiled:
    errors = prepared.rendered.errors
    if errors:
        said = "\n".join(str(problem.text) for problem in errors)
        return Spoiled(delivery, PermanentRefusal(reasons.RENDERING_FAILED, said))
    mail = compose(delivery, prepared)
    if SMTP in named_backends():
        write_ahead(mail)
    return Ready(delivery, mail, prepared.revision_id)
