"""E-mails a second to a server that takes everything: rendered, recorded, one commit each, one worker; beside Django's
own sending of mails that are ready, and beside django-drip-campaigns.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.core import mail
from django.core.mail import EmailMultiAlternatives

from benchmarks.engine import drip
from benchmarks.engine.sink import sink
from benchmarks.engine.world import MESSAGE, NOW, empty, people, settle_down, world
from benchmarks.measuring import Pace, Way, rates
from wagtail_flows.contacts.models import Contact, MailingList
from wagtail_flows.messages import deliver
from wagtail_flows.messages.models import Delivery
from wagtail_flows.messages.preparing import Ready, ready_mails
from wagtail_flows.messages.queueing import NewDelivery, queue


PART = "mails"
ALONE = "1 worker, 1 connection to each"


class NotSent(AssertionError):
    """Not every e-mail was sent: there is nothing to compare."""


def measured(size: int) -> Iterator[Pace]:
    with world(), sink() as port:
        people(size)
        ready: list[EmailMultiAlternatives] = []
        ours = Way(_delivered, lambda: _queued(size))
        plain = Way(
            lambda: mail.get_connection().send_messages(ready), lambda: ready.__setitem__(slice(None), _ready(size))
        )
        if drip.VERSION:
            theirs = drip.Drips(size, port, _letter())
            our_rate, plain_rate, drip_rate = rates(ours, plain, theirs)
        else:
            our_rate, plain_rate = rates(ours, plain)
        octets = len(_ready(1)[0].message().as_bytes())
    name = f"e-mails of {octets:,} octets, rendered, recorded, a commit each"
    yield Pace(PART, name, ALONE, "e-mails/s", our_rate, plain_rate, "Django's send_messages, ready-made e-mails", 0.7)
    if drip.VERSION:
        yield Pace(PART, name, ALONE, "e-mails/s", our_rate, drip_rate, f"django-drip-campaigns {drip.VERSION}", 2.5)
    else:
        print("django-drip-campaigns isn't installed (`pip install -e '.[bench]'`): nothing to compare with.")


def _queued(number: int) -> None:
    """One delivery for each contact, due now."""
    empty("delivery")
    newsletter = MailingList.objects.get()
    ids = Contact.objects.order_by("pk").values_list("pk", flat=True)[:number]
    queue([NewDelivery(pk, MESSAGE, mailing_list_id=newsletter.pk, due_at=NOW - timedelta(minutes=1)) for pk in ids])
    settle_down("delivery")


def _delivered() -> int:
    done = deliver.deliver(NOW)
    if done != Delivery.objects.filter(status=Delivery.Status.SENT).count():
        raise NotSent(NotSent.__doc__)
    return done


def _ready(number: int) -> list[EmailMultiAlternatives]:
    """The very same e-mails as Django's own objects, made beforehand."""
    _queued(number)
    deliveries = list(Delivery.objects.select_related("contact", "mailing_list__site").order_by("pk"))
    return [_copied(one.mail) for one in ready_mails(deliveries) if isinstance(one, Ready)]


def _letter() -> str:
    """The HTML of the same e-mail, as a template of Django's."""
    html = str(_ready(1)[0].alternatives[0][0])
    return html.replace("Zoe", "{{ user.first_name }}")


def _copied(found: EmailMultiAlternatives) -> EmailMultiAlternatives:
    copied = EmailMultiAlternatives(
        found.subject, found.body, found.from_email, found.to, headers=found.extra_headers, reply_to=found.reply_to
    )
    for alternative in found.alternatives:
        copied.attach_alternative(*alternative)
    return copied
