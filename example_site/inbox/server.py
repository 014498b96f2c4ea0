"""A mail server for this machine only, which keeps what it gets as files.

    python -m example_site.inbox.server PORT FOLDER

It knows neither Django nor the site: whatever sends mail by SMTP can be pointed at it.
"""

import signal
import sys

from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from example_site.inbox.mailbox import Mailbox


LARGEST_MAIL = 20 * 1024 * 1024


class Keeper:
    """aiosmtpd's hook: keep each mail, then say so."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox

    async def handle_DATA(  # noqa: N802  (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content
        if not isinstance(content, bytes):
            return "500 Bytes were expected"
        self.mailbox.keep(envelope.mail_from or "", list(envelope.rcpt_tos), content)
        return "250 Kept"


def main(port: int, folder: Path) -> None:
    controller = Controller(Keeper(Mailbox(folder)), hostname="127.0.0.1", port=port, data_size_limit=LARGEST_MAIL)
    signals = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    controller.start()
    signal.sigwait(signals)
    controller.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
