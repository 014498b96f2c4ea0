"""What tests of the hand-over are made of: people, a list, a message, deliveries; and a server to hand them over to."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.utils import timezone
from wagtail.models import Locale

from wagtail_flows.contacts.address import key_hash
from wagtail_flows.contacts.models import Contact, MailingList, Subscription
from wagtail_flows.contacts.verbs import get_or_create_contact
from wagtail_flows.messages.content import NotPrepared, Prepared, Unrendered, gather
from wagtail_flows.messages.delivery_models import Basis, Delivery, Stream
from wagtail_flows.messages.message_model import Message
from wagtail_flows.messages.queueing import NewDelivery, queue


NOW = datetime(2030, 5, 17, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def a_contact(address: str = "alice@example.org", **values: object) -> Contact:
    contact = get_or_create_contact(address, now=NOW)
    Contact.objects.filter(pk=contact.pk).update(**values)
    contact.refresh_from_db()
    return contact


def a_list(name: str = "Newsletter") -> MailingList:
    return MailingList.objects.create(name=name, public_name=name)


def subscribed(
    contact: Contact, mailing_list: MailingList, status: str = Subscription.Status.SUBSCRIBED
) -> Subscription:
    return Subscription.objects.create(
        contact=contact, mailing_list=mailing_list, status=status, requested_at=NOW, confirmed_at=NOW
    )


def a_message(
    subject: str = "Hello", *, stream: str = Stream.COMMERCIAL, basis: str = Basis.EXISTING_CUSTOMER, **values: object
) -> Message:
    """A published message."""
    message = Message(
        name=subject,
        subject=subject,
        stream=stream,
        basis=basis,
        locale=Locale.get_default(),
        body=[("text", {"text": "<p>Dear {{ contact.first_name }}, all is well.</p>"})],
        **values,
    )
    message.save()
    message.save_revision().publish()
    message.refresh_from_db()
    return message


def queued(contact: Contact, key: UUID | None, **values: object) -> Delivery:
    (delivery,) = queue([NewDelivery(contact.pk, key, **{"due_at": NOW, **values})])
    Delivery.objects.filter(pk=delivery.pk).update(queued_at=NOW)
    return Delivery.objects.get(pk=delivery.pk)


def many_queued(count: int, message: Message) -> list[Delivery]:
    """So many deliveries, each to somebody else, due already in the machine's own time."""
    keys = [f"person{number}@example.org" for number in range(count)]
    people = Contact.objects.bulk_create(
        Contact(address=key, key=key, key_hash=key_hash(key), created_at=NOW) for key in keys
    )
    return queue([NewDelivery(one.pk, message.translation_key, due_at=timezone.now()) for one in people])


def states(*deliveries: Delivery) -> list[str]:
    """The states of these deliveries (of all, when none is given), in the order of their ids."""
    found = Delivery.objects.filter(pk__in=[one.pk for one in deliveries]) if deliveries else Delivery.objects.all()
    return list(found.order_by("pk").values_list("status", flat=True))


def prepare(rows: Sequence[Delivery]) -> dict[int, Prepared | NotPrepared]:
    """Delivery's primary key → its mail, rendered, or why there is none."""
    return {pk: one.rendered() if isinstance(one, Unrendered) else one for pk, one in gather(rows).items()}
