"""Report: what a provider said about one of our mails. The border: anymail's event is translated here, and made
harmless.

Anybody may have written what is in it, and a site may run without the secret that keeps strangers out. So everything is
looked at before it is believed: types, lengths, characters that no database takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from wagtail_flows.contacts.address import InvalidAddress, normalise
from wagtail_flows.contacts.verbs import storable_text
from wagtail_flows.messages.envelope import REPORTED_AS
from wagtail_flows.messages.feedback import verdicts


LONGEST_LINK = 2000
LONGEST_AGENT = 500
LONGEST_WORDS = 2000
LONGEST_EVENT_ID = 200
UUID_DIGITS = 36


class Fate(StrEnum):
    """What became of the mail. TAKEN: the provider has it, and no more is known."""

    TAKEN = "taken"
    OPENED = "opened"
    CLICKED = "clicked"
    BOUNCED = "bounced"
    REFUSED = "refused"
    COMPLAINED = "complained"
    LEFT = "left"


# Anymail's event types. The others say nothing about a mail of ours that was handed over.
FATES = {
    "queued": Fate.TAKEN,
    "sent": Fate.TAKEN,
    "deferred": Fate.TAKEN,
    "delivered": Fate.TAKEN,
    "autoresponded": Fate.TAKEN,
    "opened": Fate.OPENED,
    "clicked": Fate.CLICKED,
    "bounced": Fate.BOUNCED,
    "rejected": Fate.REFUSED,
    "failed": Fate.REFUSED,
    "complained": Fate.COMPLAINED,
    "unsubscribed": Fate.LEFT,
}
# Anymail's reject reasons that condemn the address, not this mail.
NO_SUCH_ADDRESS = frozenset({"bounced", "invalid"})
EARLIER_COMPLAINT = "spam"


@dataclass(frozen=True, slots=True)
class Report:
    """`recipient`: the key of the address that the provider names, "" where it names none. `at` (UTC): when it
    happened, None where that isn't told. `is_dead`: nobody has this address. `has_complained`: its owner called mail
    of ours spam, now or before. `words`: the provider's, for people.
    """

    fate: Fate
    delivery: UUID
    recipient: str
    at: datetime | None
    event_id: str
    is_dead: bool
    has_complained: bool
    words: str
    link: str
    agent: str
    is_machine: bool | None


def read(event: Any, provider: str) -> Report | None:
    """The report in an anymail tracking event; None for mails that aren't ours and for what says nothing about them.
    Never raises.
    """
    kind = _line(event.event_type, LONGEST_EVENT_ID)
    delivery, fate = _delivery(event.metadata), FATES.get(kind)
    if delivery is None or fate is None:
        return None
    reason = _line(event.reject_reason, LONGEST_EVENT_ID)
    return Report(
        fate=fate,
        delivery=delivery,
        recipient=_key(event.recipient),
        at=_moment(event.timestamp),
        event_id=_line(event.event_id, LONGEST_EVENT_ID),
        is_dead=_is_dead(fate, reason, provider, event.esp_event),
        # Only of what the provider itself refuses: a filter that calls a mail spam isn't the person it was sent to.
        has_complained=fate is Fate.COMPLAINED or (kind == "rejected" and reason == EARLIER_COMPLAINT),
        words=_line(event.mta_response or event.description or reason, LONGEST_WORDS),
        link=_line(event.click_url, LONGEST_LINK),
        agent=_line(event.user_agent, LONGEST_AGENT),
        is_machine=verdicts.is_machine(provider, event.esp_event),
    )


def _is_dead(fate: Fate, reason: str, provider: str, told: Any) -> bool:
    if fate not in (Fate.BOUNCED, Fate.REFUSED):
        return False
    verdict = verdicts.is_for_good(provider, told)
    return reason in NO_SUCH_ADDRESS if verdict is None else verdict


def _delivery(metadata: Any) -> UUID | None:
    told = metadata.get(REPORTED_AS) if isinstance(metadata, Mapping) else None
    if not isinstance(told, str) or len(told) != UUID_DIGITS:
        return None
    try:
        return UUID(told)
    except ValueError:
        return None


def _line(told: Any, longest: int) -> str:
    return storable_text(told, longest) if isinstance(told, str) else ""


def _key(told: Any) -> str:
    try:
        return normalise(told)
    except InvalidAddress:
        return ""


def _moment(told: Any) -> datetime | None:
    if not isinstance(told, datetime):
        return None
    try:
        return told.replace(tzinfo=UTC) if told.utcoffset() is None else told.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
