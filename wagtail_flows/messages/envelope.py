"""The mail as it goes over the wire: who it is from and to, and the headers that say what kind of mail it is.

- Message-ID `<public_id@domain>` is the delivery's own, so a mail that came twice could be told by it.
- Commercial mail carries List-Unsubscribe (RFC 2369) and List-Unsubscribe-Post (RFC 8058: one POST, nothing asked), and
  List-ID (RFC 2919) where it belongs to a list. Transactional mail carries none of them: there is nothing to leave.
- Auto-Submitted: auto-generated (RFC 3834 §5) keeps holiday answers away from all of it. No Precedence: RFC 2076
  discourages it.
- Nothing from outside can end a line: addresses are parsed, texts are made one line, and what remains raises
  CannotBeWritten.
"""

from __future__ import annotations

import re

from collections.abc import Sequence
from email.errors import MessageError
from email.headerregistry import Address
from email.utils import parseaddr
from functools import lru_cache
from typing import Any, TypeAlias

from django.core.mail import EmailMultiAlternatives

from wagtail_flows.conf import conf
from wagtail_flows.contacts.address import InvalidAddress, as_given, normalise
from wagtail_flows.exceptions import FlowsError
from wagtail_flows.messages import reasons
from wagtail_flows.messages.content import Prepared
from wagtail_flows.messages.delivery_models import Delivery, Stream
from wagtail_flows.messages.personalize import one_line
from wagtail_flows.messages.sender import Sender


Mail: TypeAlias = EmailMultiAlternatives

LONGEST_NAME = 60  # characters; longer ones would be folded in places that some servers misread
# RFC 5322 §3.4: a name that can stand without quotes (letters of any script too, RFC 6532), an address nothing in which
# needs them.
PLAIN_NAME = re.compile(r"[^()<>@,:;.\\\"\[\]]*")
ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
PLAIN_ADDRESS = re.compile(rf"{ATOM}(?:\.{ATOM})*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
PLAIN_MAILBOX = re.compile(f"{PLAIN_NAME.pattern} <({PLAIN_ADDRESS.pattern})>")
LONGEST_LINE = 998  # octets without the line's end, RFC 5322 §2.1.1
# Under this name anymail's backends give a provider the delivery's id, and its webhooks bring it back. Postmark takes
# names of up to 20 characters.
REPORTED_AS = "flows_delivery"


class CannotBeWritten(FlowsError):
    """This mail can't be put on the wire; `reason` is a code of `messages.reasons`. Correct the address or the text."""

    def __init__(self, reason: str, error: str) -> None:
        self.reason = reason
        super().__init__(error)


class SenderUnusable(FlowsError):
    """The sender's address is no address that mail can come from: correct it in the settings; everything waits until
    then."""

    is_temporary = True


class WholeHeader(str):
    """An ASCII header value that goes out as it is, folded at ", <" only.

    Python's newer e-mail policies, which Django uses from 6.0 on, rewrite a long word as an encoded word. For
    List-Unsubscribe this is fatal: nobody decodes URLs there, and one-click unsubscribing is gone.
    """

    name: str

    @classmethod
    def of(cls, name: str, value: str) -> WholeHeader:
        """Raises CannotBeWritten for what isn't printable ASCII or is too long for a line."""
        if not value.isascii() or not value.isprintable() or len(name) + 2 + len(value) > LONGEST_LINE:
            raise CannotBeWritten(reasons.CANNOT_BE_WRITTEN, f"The header {name} can't hold {value!r}.")
        header = cls(value)
        header.name = name
        return header

    def fold(self, *, policy: Any) -> str:
        """The whole header line, as `email.policy.EmailPolicy` asks header objects for it."""
        value = self.replace(", <", f",{policy.linesep} <")
        return f"{self.name}: {value}{policy.linesep}"


def compose(delivery: Delivery, prepared: Prepared) -> Mail:
    """Put what a delivery says into its envelope. Raises CannotBeWritten or SenderUnusable."""
    rendered, sender = prepared.rendered, prepared.sender
    from_address, from_email = _written_sender(sender.name, sender.address)
    message = Mail(
        subject=one_line(rendered.subject),
        body=rendered.text,
        from_email=from_email,
        to=[mailbox(_name_of(delivery), _wire_address(delivery.address))],
        reply_to=[_sender_address(sender.reply_to)] if sender.reply_to else None,
        headers=_headers(delivery, prepared, conf.MESSAGE_ID_DOMAIN or from_address.rpartition("@")[2]),
    )
    if rendered.html:
        message.attach_alternative(rendered.html, "text/html")
    return _known_to_the_provider(message, delivery)


def compose_notice(delivery: Delivery, subject: str, text: str, sender: Sender, recipients: Sequence[str]) -> Mail:
    """A plain mail to colleagues, who see each other. Raises CannotBeWritten or SenderUnusable."""
    from_address, from_email = _written_sender(sender.name, sender.address)
    domain = conf.MESSAGE_ID_DOMAIN or from_address.rpartition("@")[2]
    message = Mail(
        subject=one_line(subject),
        body=text,
        from_email=from_email,
        to=[_wire_address(address) for address in recipients],
        headers=_own_headers(delivery, domain),
    )
    return _known_to_the_provider(message, delivery)


def _known_to_the_provider(message: Mail, delivery: Delivery) -> Mail:
    """With what anymail reads from a message beside Django's own; other backends don't look at it."""
    message.metadata = {REPORTED_AS: str(delivery.public_id)}  # type: ignore[attr-defined]
    return message


def _own_headers(delivery: Delivery, domain: str) -> dict[str, str]:
    return {"Message-ID": f"<{delivery.public_id}@{domain}>", "Auto-Submitted": "auto-generated"}


def _headers(delivery: Delivery, prepared: Prepared, domain: str) -> dict[str, str]:
    """The headers beside sender, recipient, subject and date."""
    found = _own_headers(delivery, domain)
    if prepared.locale:
        found["Content-Language"] = prepared.locale
    if delivery.stream == Stream.COMMERCIAL:
        found |= _list_headers(delivery, domain, prepared.unsubscribe_url)
    return found


def _list_headers(delivery: Delivery, domain: str, unsubscribe_url: str) -> dict[str, str]:
    if not unsubscribe_url:
        raise CannotBeWritten(reasons.CANNOT_BE_WRITTEN, "Commercial mail needs an address to unsubscribe at.")
    found: dict[str, str] = {
        "List-Unsubscribe": WholeHeader.of("List-Unsubscribe", f"<{unsubscribe_url}>"),
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    if delivery.mailing_list is not None:
        # The id alone, without the list's name: the name may change and be in any script, the id may not.
        found["List-ID"] = WholeHeader.of("List-ID", f"<{delivery.mailing_list.public_id}.{domain}>")
    return found


def _name_of(delivery: Delivery) -> str:
    """Only commercial mail calls people by name: strangers fill in forms, and a name is room for an advertisement."""
    if delivery.stream != Stream.COMMERCIAL:
        return ""
    return f"{delivery.contact.first_name} {delivery.contact.last_name}"


# The same for each mail of a batch.
@lru_cache(maxsize=64)
def _written_sender(name: str, address: str) -> tuple[str, str]:
    """The address as SMTP takes it, and the From header."""
    own = _sender_address(address)
    return own, mailbox(name, own)


def _sender_address(address: str) -> str:
    try:
        return _wire_address(address)
    except CannotBeWritten as error:
        raise SenderUnusable(str(error)) from error


def _wire_address(address: str) -> str:
    """The address as SMTP takes it: the part before the @ as it was given, the domain in ASCII.

    Letters before the @ that aren't ASCII need SMTPUTF8 (RFC 6531), which Django's backends don't speak.
    """
    try:
        domain = normalise(address).rpartition("@")[2]
        local = as_given(address).rpartition("@")[0]
    except InvalidAddress as error:
        raise CannotBeWritten(reasons.ADDRESS_INVALID, f"{address!r}: {error.reason}") from error
    if not local.isascii():
        raise CannotBeWritten(reasons.ADDRESS_NOT_ASCII, f"{address!r} needs SMTPUTF8.")
    return f"{local}@{domain}"


def bare_address(mailbox: str) -> str:
    """The address in what `compose` wrote as sender or recipient."""
    if PLAIN_ADDRESS.fullmatch(mailbox):
        return mailbox
    plain = PLAIN_MAILBOX.fullmatch(mailbox)
    return plain[1] if plain else parseaddr(mailbox)[1]


def mailbox(name: str, address: str) -> str:
    """A header for this name and address. Raises CannotBeWritten."""
    shown = one_line(name)[:LONGEST_NAME].strip()
    # Most are: what Python would read letter by letter, to say the same.
    if PLAIN_NAME.fullmatch(shown) and PLAIN_ADDRESS.fullmatch(address):
        return f"{shown} <{address}>" if shown else address
    try:
        return str(Address(display_name=shown, addr_spec=address))
    except (ValueError, IndexError, MessageError) as error:
        raise CannotBeWritten(reasons.ADDRESS_INVALID, f"{address!r}: {error}") from error
