"""A mail server without manners, spoken by hand so that it can misbehave at every point of the conversation.

    server.at("rcpt", "550 5.1.1 no such user")        once: the next RCPT is answered so
    server.at("dot", DROP, times=3)                    three times: the whole mail is read, then the line goes dead
    server.call_at("dot", lambda: process.kill(), skip=99)    at the hundredth mail, between its last dot and the reply

Points: connect, ehlo, mail, rcpt, data (instead of 354), content (in the middle of the content), dot (instead of the
last 250), noop. `whole` keeps every mail that was read to its end, whatever was answered: a real server may have
delivered it.
`SmtpSink` of `tests.smtp_sink` is the kinder one, for tests that only want to read mail.
"""

import email
import email.policy
import socketserver
import threading

from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage


DROP = "drop"
HANG = "hang"
LONGEST_HANG = 60.0


@dataclass(frozen=True)
class Mail:
    """A mail that was read to its end; `answer` is the reply it got, or DROP or HANG."""

    sender: str
    recipients: tuple[str, ...]
    data: bytes
    answer: str

    @property
    def message(self) -> EmailMessage:
        return email.message_from_bytes(self.data, policy=email.policy.default)


class RudeServer:
    """Listens on a free port of this machine from `start` to `stop`, one thread for each connection."""

    def __init__(self) -> None:
        self.whole: list[Mail] = []
        # Whether it offers to be told several commands at once (RFC 2920).
        self.is_pipelining = False
        self.connections = 0
        self.commands: list[str] = []
        # How often it misbehaved in which way, by point and answer.
        self.dealt: Counter[tuple[str, str]] = Counter()
        self._plans: dict[str, deque[str | Callable[[], None] | None]] = defaultdict(deque)
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._tcp = _Tcp(("127.0.0.1", 0), _Conversation)
        self._tcp.rude = self
        self.port: int = self._tcp.server_address[1]

    @property
    def accepted(self) -> list[Mail]:
        return [mail for mail in self.whole if mail.answer.startswith("250")]

    @property
    def message_ids(self) -> Counter[str]:
        """How often each Message-ID was read to its end."""
        return Counter(str(mail.message["Message-ID"]) for mail in self.whole)

    def at(self, point: str, action: str, *, times: int = 1, skip: int = 0) -> None:
        self._plans[point].extend([None] * skip + [action] * times)

    def call_at(self, point: str, call: Callable[[], None], *, skip: int = 0) -> None:
        """Call back at that point; afterwards the conversation goes on as if nothing had happened."""
        self._plans[point].extend([None] * skip + [call])

    def planned(self, point: str) -> str:
        """What to do at this point: a reply, DROP, HANG, or "" for going on."""
        with self._lock:
            plan = self._plans[point].popleft() if self._plans[point] else None
            if isinstance(plan, str):
                self.dealt[point, plan] += 1
        if callable(plan):
            plan()
            return ""
        return plan or ""

    def forget(self) -> None:
        """Be as if newly started: without plans and without memory."""
        with self._lock:
            for memory in (self.whole, self.commands, self.dealt, self._plans):
                memory.clear()

    def keep(self, mail: Mail) -> None:
        """A mail was read to its end."""
        self.whole.append(mail)

    def heard(self, line: str) -> None:
        """A command came in."""
        self.commands.append(line)

    def hang(self) -> None:
        self._is_over.wait(LONGEST_HANG)

    def start(self) -> None:
        threading.Thread(target=self._tcp.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        self._is_over.set()
        self._tcp.shutdown()
        self._tcp.server_close()


class _Tcp(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 50
    rude: RudeServer


class _HungUp(Exception):
    pass


class _Conversation(socketserver.StreamRequestHandler):
    server: _Tcp

    def handle(self) -> None:
        self.rude = self.server.rude
        self.rude.connections += 1
        self.sender, self.recipients = "", []
        try:
            self.say(self.act("connect") or "220 rude ready")
            while line := self.rfile.readline():
                self.command(line.decode("latin-1").strip())
        except (_HungUp, ConnectionError):
            return

    def say(self, reply: str) -> None:
        self.wfile.write(reply.encode() + b"\r\n")
        if reply.startswith("421"):
            raise _HungUp

    def act(self, point: str) -> str:
        action = self.rude.planned(point)
        if action == HANG:
            self.rude.hang()
        if action in (HANG, DROP):
            raise _HungUp
        return action

    def command(self, line: str) -> None:
        verb, _, rest = line.partition(" ")
        self.rude.heard(line)
        match verb.upper():
            case "EHLO" | "HELO":
                self.say(self.act("ehlo") or ("250-rude\r\n250 PIPELINING" if self.rude.is_pipelining else "250 rude"))
            case "MAIL":
                self.sender, self.recipients = rest, []
                self.say(self.act("mail") or "250 ok")
            case "RCPT":
                refusal = self.act("rcpt")
                if not refusal:
                    self.recipients.append(rest.partition("<")[2].partition(">")[0])
                self.say(refusal or "250 ok")
            case "DATA":
                self.data()
            case "QUIT":
                self.say("221 bye")
                raise _HungUp
            case "NOOP" | "RSET":
                self.say(self.act(verb.lower()) or "250 ok")
            case _:
                self.say("500 what?")

    def data(self) -> None:
        refusal = self.act("data") or ("" if self.recipients else "554 5.5.1 no valid recipients")
        self.say(refusal or "354 go on")
        if refusal:
            return
        lines: list[bytes] = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                raise _HungUp
            if not lines:
                self.act("content")
            lines.append(line.removeprefix(b"."))
        self.keep(b"".join(lines))

    def keep(self, data: bytes) -> None:
        action = self.rude.planned("dot")
        self.rude.keep(Mail(self.sender, tuple(self.recipients), data, action or "250 ok"))
        if action == HANG:
            self.rude.hang()
        if action in (HANG, DROP):
            raise _HungUp
        self.say(action or "250 ok")
