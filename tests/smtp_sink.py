"""A real SMTP server in a thread of the test, which keeps what it gets and misbehaves when told to.

def test_it(smtp_sink):
    smtp_sink.script("rcpt", "451 4.7.1 try later")   # the next RCPT gets this answer, the one after a good one
    smtp_sink.script("data", DROP)                    # the next mail is taken, then the line goes dead
    smtp_sink.received[0].message["Subject"]
"""

import email
import email.policy
import socket

from asyncio import AbstractServer
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


DROP = "drop"


@dataclass(frozen=True)
class ReceivedMail:
    """One accepted mail: who it was for at the envelope, and its bytes as they came over the wire."""

    sender: str
    recipients: tuple[str, ...]
    data: bytes

    @property
    def message(self) -> EmailMessage:
        return email.message_from_bytes(self.data, policy=email.policy.default)

    def body(self, kind: str = "plain") -> str:
        """The text of the `plain` or `html` part; an empty string where there is none."""
        part = self.message.get_body((kind,))
        return str(part.get_content()) if part else ""


class SmtpSink:
    """The server and its memory. Answers that were scripted are used up in order, one each time."""

    def __init__(self) -> None:
        self.received: list[ReceivedMail] = []
        self.on_received: Callable[[ReceivedMail], None] | None = None
        self.connections = 0
        self.drop_delivers = True
        self._answers: dict[str, deque[str]] = {"ehlo": deque(), "mail": deque(), "rcpt": deque(), "data": deque()}
        self.host = "127.0.0.1"
        self._socket = socket.create_server((self.host, 0))
        self.port: int = self._socket.getsockname()[1]
        self._controller = _OnSocket(_Conversation(self), self._socket, hostname=self.host, port=self.port)

    def script(self, command: str, *answers: str) -> None:
        """Queue answers for `mail`, `rcpt` or `data`: a full reply line, or DROP to cut the line without one.

        A DROP at `data` comes after the whole mail was read. The mail is kept (a server may well have taken it) unless
        `drop_delivers` is False.
        """
        self._answers[command].extend(answers)

    def answer(self, command: str) -> str | None:
        return self._answers[command].popleft() if self._answers[command] else None

    def keep(self, mail: ReceivedMail) -> None:
        self.received.append(mail)
        if self.on_received:
            self.on_received(mail)

    def to(self, address: str) -> list[ReceivedMail]:
        """What came for one address, in order."""
        return [mail for mail in self.received if address in mail.recipients]

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop(no_assert=True)


class _OnSocket(Controller):
    """aiosmtpd wants a port number and can't be given 0, so it listens on a socket that is bound already."""

    def __init__(self, handler: "_Conversation", listening: socket.socket, **options: Any) -> None:
        super().__init__(handler, ready_timeout=10, **options)
        self.listening = listening

    def _create_server(self) -> Coroutine[Any, Any, AbstractServer]:
        return self.loop.create_server(self._factory_invoker, sock=self.listening)


class _Conversation:
    """aiosmtpd's hooks: each returns the reply line."""

    def __init__(self, sink: SmtpSink) -> None:
        self.sink = sink

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.sink.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = self.scripted(server, "mail")
        if reply:
            return reply
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = self.scripted(server, "rcpt")
        if reply:
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content: Any = envelope.content
        mail = ReceivedMail(envelope.mail_from or "", tuple(envelope.rcpt_tos), bytes(content))
        answer = self.sink.answer("data")
        if answer is None or answer.startswith("2") or (answer == DROP and self.sink.drop_delivers):
            self.sink.keep(mail)
        return self.send(server, answer) if answer else "250 OK"

    def scripted(self, server: SMTP, command: str) -> str | None:
        answer = self.sink.answer(command)
        return self.send(server, answer) if answer else None

    def send(self, server: SMTP, answer: str) -> str:
        if answer == DROP:
            server.transport.abort()
            return "421 gone"
        return answer
