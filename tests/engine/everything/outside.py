"""The world outside: a mail server, a receiver of webhooks and an SMS provider, none of which has manners. It alone
knows what was handed over, and what was said to it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from tests import http_receiver, smtp
from tests.http_receiver import Receiver
from tests.smtp import RudeServer
from wagtail_flows.messages.replies import Answer, PermanentRefusal, Sent, TemporaryRefusal, Unavailable, Unknown
from wagtail_flows.messages.sms.provider import Sms


PROVIDER = "tests.engine.everything.outside.RudeProvider"
MAIL_ANSWERS = {
    "connect": ("421 too many", "554 not you", smtp.DROP),
    "mail": ("451 later", "550 5.1.8 bad sender", smtp.DROP),
    "rcpt": ("450 4.2.0 greylisted", "550 5.1.1 no such user", smtp.DROP),
    "data": ("451 later", "554 no", smtp.DROP),
    "content": (smtp.DROP,),
    "dot": ("451 busy", "451 busy", "554 spam", smtp.DROP),
}
CALL_ANSWERS = ((204, {}, ""), (404, {}, ""), (429, {"Retry-After": "90"}, ""), (503, {}, "busy"), http_receiver.DROP)
TEXT_ANSWERS: tuple[Answer | None, ...] = (
    TemporaryRefusal("busy", "later"),
    PermanentRefusal("refused", "never"),
    Unknown("silent", "no answer"),
    Unavailable("no provider"),
    # It raises, against its promise.
    None,
)


class Said(StrEnum):
    """What became of what was handed over, as those outside know it."""

    TAKEN = "taken"
    REFUSED = "refused"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Heard:
    """Something that was handed over to its end: the public id of its delivery, and what was said to it."""

    delivery: str
    said: Said


class RudeProvider:
    """Takes SMS over, unless `answers` says otherwise. All that are made share them."""

    answers: ClassVar[deque[Answer | None]] = deque()
    heard: ClassVar[list[Heard]] = []

    def send(self, sms: Sms, /) -> Answer:
        answer = self.answers.popleft() if self.answers else Sent()
        if isinstance(answer, Unavailable):
            # As if it had never been called: that isn't the text's fault.
            return answer
        match answer:
            case Sent():
                said = Said.TAKEN
            case Unknown() | None:
                said = Said.NOTHING
            case _:
                said = Said.REFUSED
        self.heard.append(Heard(sms.identifier, said))
        if answer is None:
            raise ConnectionError("against the promise")
        return answer

    def close(self) -> None:
        pass


class Outside:
    """All of them. `heard` is what each of them was handed over, in its order."""

    def __init__(self, mail_server: RudeServer, receiver: Receiver) -> None:
        self.mail_server = mail_server
        self.receiver = receiver
        self._mails: list[Heard] = []

    def forget(self) -> None:
        self._mails.clear()
        self.mail_server.forget()
        self.receiver.forget()
        RudeProvider.answers.clear()
        RudeProvider.heard.clear()

    def heard(self) -> tuple[list[Heard], ...]:
        """Mails, calls and texts."""
        # Reading a mail costs more than anything else that is asked here, so it is done once.
        new = self.mail_server.whole[len(self._mails) :]
        self._mails += [Heard(_id_of(mail), _said_to_mail(mail.answer)) for mail in new]
        calls = [Heard(call.headers["webhook-id"], _said_to_call(call.answer)) for call in list(self.receiver.calls)]
        return self._mails, calls, list(RudeProvider.heard)

    def silences(self) -> int:
        """How often nobody can know, because nothing was said although something may have arrived."""
        broken_off = self.mail_server.dealt["content", smtp.DROP]
        return broken_off + sum(one.said is Said.NOTHING for heard in self.heard() for one in heard)


def _id_of(mail: smtp.Mail) -> str:
    return str(mail.message["Message-ID"]).strip("<>").split("@")[0]


def _said_to_mail(answer: str) -> Said:
    if answer in (smtp.DROP, smtp.HANG):
        return Said.NOTHING
    return Said.TAKEN if answer.startswith("2") else Said.REFUSED


def _said_to_call(answer: http_receiver.Answer | str) -> Said:
    if isinstance(answer, str):
        return Said.NOTHING
    return Said.TAKEN if answer[0] < 300 else Said.REFUSED
