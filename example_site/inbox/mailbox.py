"""Mails kept as files in one folder, one file each, newest first by name."""

import email
import email.policy
import re
import secrets
import time

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path


NAME = re.compile(r"\d{20}-[0-9a-f]{8}")
ENVELOPE_FROM = "X-Envelope-From"
ENVELOPE_TO = "X-Envelope-To"


@dataclass(frozen=True)
class KeptMail:
    """One mail as it came. `name` is its file's, without the ending: nanoseconds since 1970 and a random part."""

    name: str
    data: bytes

    @cached_property
    def message(self) -> EmailMessage:
        return email.message_from_bytes(self.data, policy=email.policy.default)

    @property
    def received_at(self) -> datetime:
        return datetime.fromtimestamp(int(self.name.partition("-")[0]) / 1e9, tz=UTC)

    @property
    def subject(self) -> str:
        return str(self.message["Subject"] or "")

    @property
    def sender(self) -> str:
        return str(self.message["From"] or "")

    @property
    def recipients(self) -> str:
        return str(self.message[ENVELOPE_TO] or self.message["To"] or "")

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(name, str(value)) for name, value in self.message.items()]

    @property
    def html(self) -> str:
        return self._body("html")

    @property
    def text(self) -> str:
        return self._body("plain")

    @property
    def one_click_address(self) -> str | None:
        """Where a mail program posts to when its user presses "unsubscribe" (RFC 8058); None when it may not."""
        if str(self.message["List-Unsubscribe-Post"] or "").strip() != "List-Unsubscribe=One-Click":
            return None
        found = re.search(r"<(https?://[^>]+)>", str(self.message["List-Unsubscribe"] or ""))
        return found.group(1) if found else None

    def _body(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return str(part.get_content()) if part else ""


class Mailbox:
    """The folder. Any process may write, any may read: a mail appears whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, sender: str, recipients: list[str], data: bytes) -> str:
        """Keep one mail, with its envelope on top of its headers; return its name."""
        self.folder.mkdir(parents=True, exist_ok=True)
        name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
        envelope = f"{ENVELOPE_FROM}: {sender}\r\n{ENVELOPE_TO}: {', '.join(recipients)}\r\n"
        unfinished = self.folder / f"{name}.part"
        unfinished.write_bytes(envelope.encode() + data)
        unfinished.rename(self.folder / f"{name}.eml")
        return name

    def newest_first(self, limit: int) -> Iterator[KeptMail]:
        for path in sorted(self.folder.glob("*.eml"), reverse=True)[:limit]:
            yield KeptMail(path.stem, path.read_bytes())

    def find(self, name: str) -> KeptMail | None:
        """The mail of that name; None for one that isn't there, or isn't a name at all."""
        path = self.folder / f"{name}.eml"
        return KeptMail(name, path.read_bytes()) if NAME.fullmatch(name) and path.exists() else None
