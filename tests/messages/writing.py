"""Messages, people and deliveries for the tests of this room, each in one line."""

import uuid

from wagtail.models import Locale

from wagtail_flows.contacts.models import Contact, MailingList
from wagtail_flows.contacts.verbs import get_or_create_contact
from wagtail_flows.lib import clock
from wagtail_flows.messages.models import Basis, Delivery, Message, Stream


BODY = [("heading", "Hello {{ contact.first_name }}"), ("text", "<p>Good news.</p>")]


def draft(locale="en", body=BODY, **fields):
    """A message that was saved and never published."""
    given = {"name": "News", "subject": "News for {{ contact.first_name }}", **fields}
    return Message.objects.create(locale=Locale.objects.get(language_code=locale), body=body, **given)


def published(locale="en", body=BODY, **fields):
    """A message that is live."""
    message = draft(locale, body, **fields)
    message.save_revision().publish()
    message.refresh_from_db()
    return message


def contact(address="zoe@example.org", **fields) -> Contact:
    return get_or_create_contact(address, **{"first_name": "Zoé", "now": clock.now(), **fields})


def mailing_list(name="Weekly news", **fields) -> MailingList:
    return MailingList.objects.create(name=name, public_name=name, **fields)


def delivery(message=None, to=None, **fields) -> Delivery:
    """A queued delivery of a message (by default: of none) to a contact."""
    to = to or contact()
    now = clock.now()
    given = {
        "stream": message.stream if message else Stream.COMMERCIAL,
        "basis": message.basis if message else Basis.SUBSCRIPTION,
        "message_key": message.translation_key if message else uuid.uuid4(),
        "queued_at": now,
        "due_at": now,
    }
    return Delivery.objects.create(contact=to, address=to.address, **{**given, **fields})
