"""SMS shown where the process was started, for development. Nothing is sent."""

from __future__ import annotations

import sys

from wagtail_flows.messages.replies import Answer, Sent
from wagtail_flows.messages.sms.provider import Sms


class ConsoleProvider:
    """Writes each SMS to the standard output, as Django's console backend does with e-mails."""

    def send(self, sms: Sms, /) -> Answer:
        """Write it and call it sent; its id at the provider says that it wasn't really."""
        sys.stdout.write(f"SMS from {sms.sender or '-'} to {sms.to}:\n{sms.text}\n{'-' * 79}\n")
        sys.stdout.flush()
        return Sent("console")

    def close(self) -> None:
        return
