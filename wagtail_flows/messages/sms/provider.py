"""SmsProvider: who takes SMS over. FLOWS_SMS_PROVIDER names one by its dotted path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from wagtail_flows.exceptions import FlowsError
from wagtail_flows.messages.replies import Answer


@dataclass(frozen=True, slots=True)
class Sms:
    """One text to one number (E.164). `sender` "" leaves it to the provider; `identifier` is the delivery's own, for
    providers that drop what comes twice.
    """

    to: str
    text: str
    sender: str
    identifier: str

    @property
    def subject(self) -> str:
        """What the delivery is listed under."""
        return " ".join(self.text.split())


class ProviderUnusable(FlowsError):
    """The provider can't be used as it is set up: correct the settings; all SMS wait until then."""

    is_temporary = True


class SmsProvider(Protocol):
    """Made without arguments when the first SMS of a run is due; raises ProviderUnusable where a setting lacks."""

    def send(self, sms: Sms, /) -> Answer:
        """Hand one over; every way that this can end is an Answer. Never tries twice by itself."""
        ...

    def close(self) -> None:
        """Let go of connections; closing twice is fine."""
        ...
