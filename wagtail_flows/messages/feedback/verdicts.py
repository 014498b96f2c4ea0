"""What providers say beyond anymail's common words: whether a bounce is for good, and whether a machine read the mail.

Anymail calls a full mailbox and an address that doesn't exist both "bounced" with most providers, and has no word for
machines; their own words stand in the event as it came. Who says nothing here is judged by anymail's words. Pure; takes
whatever JSON holds.

- Amazon SES: bounceType Permanent, Transient, Undetermined
  https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html
- Brevo: hard_bounce and soft_bounce, proxy_open https://developers.brevo.com/docs/transactional-webhooks
- Mailgun: client-info.bot
  https://documentation.mailgun.com/docs/mailgun/user-manual/tracking-messages/open-click-bot-detect
- Mailjet: hard_bounce https://dev.mailjet.com/email/guides/webhooks/
- Mandrill: hard_bounce and soft_bounce; anymail gives its bounces no reason
- Postmark: SoftBounce https://postmarkapp.com/developer/api/bounce-api#bounce-types
- Resend: bounce.type https://resend.com/docs/webhooks/emails/bounced
- SendGrid: a bounce of type "blocked" is passing, sg_machine_open; anymail gives its bounces no reason
  https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
- SparkPost: classes of bounces, is_prefetched https://support.sparkpost.com/docs/deliverability/bounce-classification-codes
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


# Soft ones: soft bounce, DNS failure, mailbox full, too large, time-out, generic, transient failure.
SPARKPOST_PASSING = frozenset({"20", "21", "22", "23", "24", "40", "70"})


def is_for_good(provider: str, told: Any) -> bool | None:
    """Whether the provider calls this bounce permanent; None where it doesn't say."""
    verdict = _BOUNCES.get(provider)
    return verdict(told) if verdict is not None else None


def is_machine(provider: str, told: Any) -> bool | None:
    """Whether the provider knows that a machine opened or clicked; None where it can't tell."""
    verdict = _MACHINES.get(provider)
    return verdict(told) if verdict is not None else None


def _at(told: Any, *path: str) -> Any:
    for name in path:
        if not isinstance(told, Mapping):
            return None
        told = told.get(name)
    return told


def _one_of(told: Any, verdicts: Mapping[str, bool]) -> bool | None:
    return verdicts.get(told) if isinstance(told, str) else None


def _sparkpost(told: Any) -> Any:
    events = _at(told, "msys")
    return next(iter(events.values()), None) if isinstance(events, Mapping) else None


def _passing(condition: bool) -> bool | None:
    return False if condition else None


_BY_EVENT = {"hard_bounce": True, "soft_bounce": False}
_TRANSIENT = {"Transient": False, "Undetermined": False}
_BOUNCES: dict[str, Callable[[Any], bool | None]] = {
    "Amazon SES": lambda told: _one_of(_at(told, "bounce", "bounceType"), _TRANSIENT),
    "Brevo": lambda told: _one_of(_at(told, "event"), _BY_EVENT),
    "Mailjet": lambda told: _passing(
        _at(told, "hard_bounce") is False
        or (_at(told, "error") == "quota exceeded" and _at(told, "hard_bounce") is not True)
    ),
    "Mandrill": lambda told: _one_of(_at(told, "event"), _BY_EVENT),
    "Postmark": lambda told: _passing(_at(told, "Type") == "SoftBounce"),
    "Resend": lambda told: _one_of(_at(told, "data", "bounce", "type"), _TRANSIENT),
    "SendGrid": lambda told: (
        _one_of(_at(told, "type"), {"bounce": True, "blocked": False}) if _at(told, "event") == "bounce" else None
    ),
    "SparkPost": lambda told: _passing(str(_at(_sparkpost(told), "bounce_class")) in SPARKPOST_PASSING),
}
_MACHINES: dict[str, Callable[[Any], bool | None]] = {
    # Brevo tells no user agent, but a proxy's opens apart from the others. Of clicks it says nothing.
    "Brevo": lambda told: _one_of(
        _at(told, "event"),
        {"proxy_open": True, "unique_proxy_open": True, "opened": False, "unique_opened": False},
    ),
    "Mailgun": lambda told: _told_bot(_at(told, "event-data", "client-info", "bot")),
    "SendGrid": lambda told: _if_boolean(_at(told, "sg_machine_open")),
    "SparkPost": lambda told: _if_boolean(_at(_sparkpost(told), "is_prefetched")),
}


def _told_bot(told: Any) -> bool | None:
    return bool(told) if isinstance(told, str) else None


def _if_boolean(told: Any) -> bool | None:
    return told if isinstance(told, bool) else None
