"""What the mail system said, in four words and one for "it isn't there at all". The border: smtplib's and the backends'
errors end here.

The line that matters is whether the content can have left us (`data_begun`):

    a reply, whatever its place        certain: 4xx is TemporaryRefusal, 5xx is PermanentRefusal (RFC 5321 §4.2.1)
    no reply, content not begun        certain: TemporaryRefusal
    no reply, content begun            Unknown: the server may have it, so it is never sent again by itself
    no connection, no login            Unavailable: says nothing about the mail, costs it no attempt
"""

from __future__ import annotations

import re
import smtplib
import socket

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from wagtail_flows.messages import reasons


@dataclass(frozen=True, slots=True)
class Sent:
    """Taken over by the mail system, under its own id where it told one."""

    provider_id: str = ""


@dataclass(frozen=True, slots=True)
class TemporaryRefusal:
    """Certainly not taken; worth another try, after `wait` at the earliest where we were told so."""

    reason: str
    error: str
    wait: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class PermanentRefusal:
    """Certainly not taken, and never will be. `is_dead`: because nobody has this address."""

    reason: str
    error: str
    is_dead: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can know whether it was taken."""

    reason: str
    error: str


@dataclass(frozen=True, slots=True)
class Unavailable:
    """The mail system can't be reached, or doesn't let us in: certainly not taken, and it isn't the mail's fault."""

    error: str


Answer = Sent | TemporaryRefusal | PermanentRefusal | Unknown | Unavailable

ENHANCED = re.compile(r"^\s*([245]\.\d{1,3}\.\d{1,3})\b")

# 530, 534, 535, 538: authentication wanted or failed (RFC 4954 §6), whatever command they answer.
LOGIN_CODES = frozenset({530, 534, 535, 538})

# Enhanced status codes (RFC 3463, RFC 7505 for 5.1.10) that say more than the code before them.
REASON_BY_ENHANCED = {
    "5.1.1": reasons.ADDRESS_REFUSED,
    "5.1.2": reasons.ADDRESS_REFUSED,
    "5.1.3": reasons.ADDRESS_REFUSED,
    "5.1.6": reasons.ADDRESS_REFUSED,
    "5.1.10": reasons.ADDRESS_REFUSED,
    "5.1.7": reasons.SENDER_REFUSED,
    "5.1.8": reasons.SENDER_REFUSED,
    "5.2.1": reasons.ADDRESS_REFUSED,
    "5.2.2": reasons.MAILBOX_FULL,
    "5.2.3": reasons.TOO_LARGE,
    "5.3.4": reasons.TOO_LARGE,
}

# What a plain code means at a command where it has one clear meaning (RFC 5321 §4.2.3).
REASON_BY_CODE = {
    ("rcpt", 550): reasons.ADDRESS_REFUSED,
    ("rcpt", 551): reasons.ADDRESS_REFUSED,
    ("rcpt", 553): reasons.ADDRESS_REFUSED,
    ("rcpt", 552): reasons.MAILBOX_FULL,
    ("mail", 552): reasons.TOO_LARGE,
    ("data", 552): reasons.TOO_LARGE,
}
# RFC 3463 §3.2: there is no such mailbox, or it has moved without saying where to; RFC 7505: the domain takes no mail.
# A plain 550 may mean anything.
DEAD = frozenset({"5.1.1", "5.1.6", "5.1.10"})
# What anymail raises before it asks the provider anything.
NEVER_LEFT = frozenset({"AnymailUnsupportedFeature", "AnymailSerializationError", "AnymailInvalidAddress"})
REASON_BY_COMMAND = {"mail": reasons.SENDER_REFUSED, "data": reasons.CONTENT_REFUSED, "rcpt": reasons.REFUSED}


def smtp_answer(error: Exception, *, data_begun: bool) -> Answer:
    """Translate what smtplib raised while one mail was handed over."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            # One mail has one recipient, so there is one reply.
            code, text = next(iter(error.recipients.values()))
            return reply_answer("rcpt", code, text, data_begun=data_begun)
        case smtplib.SMTPSenderRefused():
            return reply_answer("mail", error.smtp_code, error.smtp_error, data_begun=data_begun)
        case smtplib.SMTPDataError():
            return reply_answer("data", error.smtp_code, error.smtp_error, data_begun=data_begun)
    if data_begun:
        return Unknown(reasons.NO_ANSWER, described(error))
    if isinstance(error, ValueError):
        return PermanentRefusal(reasons.CANNOT_BE_WRITTEN, described(error))
    return TemporaryRefusal(reasons.CONNECTION_LOST, described(error))


def reply_answer(command: str, code: int, text: bytes | str, *, data_begun: bool) -> Answer:
    """Translate one reply to `mail`, `rcpt` or `data` that wasn't the one hoped for."""
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    error = f"{code} {words}"[:2000]
    if code in LOGIN_CODES:
        return Unavailable(error)
    if 500 <= code < 600:
        return PermanentRefusal(_permanent_reason(command, code, words), error, is_dead=_is_dead(command, words))
    if 400 <= code < 500:
        return TemporaryRefusal(reasons.REFUSED_FOR_NOW, error)
    if not data_begun:
        return TemporaryRefusal(reasons.CONNECTION_LOST, error)
    # smtplib calls everything but 250 an error; RFC 5321 §4.2.1 calls every 2yz a success. -1 stands for gibberish.
    return Sent() if 200 <= code < 300 else Unknown(reasons.NO_ANSWER, error)


def _permanent_reason(command: str, code: int, words: str) -> str:
    enhanced = ENHANCED.match(words)
    if enhanced and enhanced[1] in REASON_BY_ENHANCED:
        return REASON_BY_ENHANCED[enhanced[1]]
    if enhanced and enhanced[1].startswith("5.7."):
        return reasons.POLICY_REFUSED if command == "rcpt" else REASON_BY_COMMAND[command]
    return REASON_BY_CODE.get((command, code), REASON_BY_COMMAND[command])


def _is_dead(command: str, words: str) -> bool:
    enhanced = ENHANCED.match(words)
    return command == "rcpt" and enhanced is not None and enhanced[1] in DEAD


def api_answer(error: Exception) -> Answer:
    """Translate what a backend that isn't SMTP raised. It can't tell when the content left, so only what is clear is
    certain.

    Anymail's errors carry the provider's HTTP status as `status_code`.
    """
    status = getattr(error, "status_code", None)
    if status in (401, 403) or any(isinstance(one, ConnectionRefusedError | socket.gaierror) for one in _chain(error)):
        return Unavailable(described(error))
    if any(kind.__name__ in NEVER_LEFT for kind in type(error).__mro__):
        return PermanentRefusal(reasons.CANNOT_BE_WRITTEN, described(error))
    if status == 429:
        return TemporaryRefusal(reasons.REFUSED_FOR_NOW, described(error))
    if isinstance(status, int) and 400 <= status < 500:
        return PermanentRefusal(reasons.REFUSED, described(error))
    return Unknown(reasons.NO_ANSWER, described(error))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def described(error: BaseException) -> str:
    """An error in one line for the delivery's record: its kind and its words."""
    return f"{type(error).__name__}: {error}"[:2000]
