"""Line: one connection to the mail system, through whatever backend the site configured.

SMTP is watched: the line knows whether the content of a mail had begun to leave when something went wrong. Other
backends can't tell, so their unclear errors are Unknown.
"""

from __future__ import annotations

import smtplib
import time

from contextlib import suppress
from typing import Any

import django

from django.conf import settings
from django.core import mail
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from wagtail_flows.conf import conf
from wagtail_flows.messages import reasons
from wagtail_flows.messages.conversation import say
from wagtail_flows.messages.envelope import bare_address
from wagtail_flows.messages.replies import (
    Answer,
    PermanentRefusal,
    Sent,
    Unavailable,
    Unknown,
    api_answer,
    described,
    smtp_answer,
)
from wagtail_flows.messages.wire import is_ours, octets


# Mail servers hang up on who is silent; some after ten seconds. A line that old is asked with NOOP before it is
# trusted.
IDLE_SECONDS = 5.0


class Line:
    """The connection for one stream. `ready()` before each mail, then `hand_over()`; `close()` at the end. Not for two
    threads."""

    def __init__(self, stream: str) -> None:
        self._stream = stream
        self._backend: Any = None
        self._smtp: smtplib.SMTP | None = None
        self._data_begun = False
        self._spoke_at = 0.0
        self._takes_metadata = True

    @property
    def is_fresh(self) -> bool:
        """Open, and used a moment ago: `ready()` would have nothing to do."""
        return self._backend is not None and time.monotonic() - self._spoke_at < IDLE_SECONDS

    def ready(self) -> Unavailable | None:
        """Open the line, or probe one that was silent for long. Says Unavailable when there is no getting through."""
        if self._backend is not None and not self.is_fresh and not self._answers():
            self._drop()
        return None if self._backend is not None else self._open()

    def hand_over(self, message: EmailMessage) -> Answer:
        """Hand one mail over; every way that this can end is an Answer. Exceptions that aren't errors pass (a worker
        being stopped)."""
        self._data_begun = False
        try:
            taken = self._taken(message)
        except Exception as error:  # noqa: BLE001 - whatever it was, the question is only whether the content had left
            answer = self._answer_of(error)
        else:
            # Backends that don't count answer None. None taken: a signal receiver of the provider's backend said no.
            answer = PermanentRefusal(reasons.NOT_ACCEPTED, "") if taken == 0 else Sent(_provider_id(message))
        # A provider may accept the request and refuse the recipient in its answer, with or without an exception.
        answer = _provider_refusal(message) or answer
        self._spoke_at = time.monotonic()
        if not isinstance(answer, Sent):
            self._end(is_dead=isinstance(answer, Unknown))
        return answer

    def close(self) -> None:
        """Say goodbye and forget the connection; closing twice is fine."""
        self._end(is_dead=False)

    def _taken(self, message: EmailMessage) -> Any:
        # A backend that is any other than Django's own may do something to mails on their way.
        if self._smtp is not None and type(self._backend) is EmailBackend and is_ours(message):
            return self._said(self._smtp, message)
        try:
            return self._sent(message)
        except Exception as error:
            if not self._takes_metadata or not _is_without_metadata(error):
                raise
        self._takes_metadata = False
        return self._sent(message)

    def _sent(self, message: Any) -> Any:
        if not self._takes_metadata:
            message.metadata = None
        return self._backend.send_messages([message])

    def _said(self, smtp: smtplib.SMTP, mail: Any) -> int:
        """What Django's own SMTP backend does for one mail of ours, with fewer turns and a faster writer."""
        sender, recipient = map(bare_address, (mail.from_email, mail.to[0]))
        say(smtp, sender, recipient, octets(mail))
        return 1

    def _answer_of(self, error: Exception) -> Answer:
        return smtp_answer(error, data_begun=self._data_begun) if self._smtp is not None else api_answer(error)

    def _open(self) -> Unavailable | None:
        try:
            self._backend = _backend(self._stream)
            self._backend.open()
            self._watch()
        except Exception as error:  # noqa: BLE001 - a wrong password, path or port: each keeps all mail waiting, none may lose it
            self._drop()
            return Unavailable(described(error))
        self._spoke_at = time.monotonic()
        return None

    def _watch(self) -> None:
        """Note the moment when content begins to leave: after reply 354, which answers DATA and nothing else (RFC 5321
        §4.2.3)."""
        smtp = getattr(self._backend, "connection", None)
        if not isinstance(smtp, smtplib.SMTP):
            return
        self._smtp = smtp
        # The greeting is part of opening: a server that refuses it refuses us, not a mail.
        smtp.ehlo_or_helo_if_needed()
        getreply = smtp.getreply

        def watched() -> tuple[int, bytes]:
            code, text = getreply()
            self._data_begun = self._data_begun or code == 354
            return code, text

        smtp.getreply = watched  # type: ignore[method-assign]

    def _answers(self) -> bool:
        try:
            is_well = self._smtp is None or self._smtp.noop()[0] == 250
        except (smtplib.SMTPException, OSError):
            return False
        self._spoke_at = time.monotonic()
        return is_well

    def _end(self, *, is_dead: bool) -> None:
        if self._backend is not None and not is_dead:
            # QUIT is a courtesy: everything that matters was answered before it.
            with suppress(smtplib.SMTPException, OSError):
                self._backend.close()
        self._drop()

    def _drop(self) -> None:
        """Forget the connection without a word, so that a server that hangs doesn't make us wait for its answer to
        QUIT."""
        for name in ("connection", "_partial_connection"):
            smtp = getattr(self._backend, name, None)
            if isinstance(smtp, smtplib.SMTP):
                smtp.close()
                setattr(self._backend, name, None)
        self._backend = self._smtp = None


def mailer(stream: str) -> str:
    """Through which mail server a stream goes: an entry of MAILERS (Django 6.1 and later), else the only one."""
    return conf.MAILERS.get(stream, "default") if _has_mailers() else "default"


def _has_mailers() -> bool:
    return django.VERSION >= (6, 1) and hasattr(settings, "MAILERS")


def _backend(stream: str) -> Any:
    """The site's mail backend for a stream, not opened: an entry of MAILERS (Django 6.1 and later), else
    EMAIL_BACKEND."""
    backend = mail.mailers[mailer(stream)] if _has_mailers() else mail.get_connection()
    if hasattr(backend, "timeout"):
        backend.timeout = min(backend.timeout or conf.EMAIL_TIMEOUT, conf.EMAIL_TIMEOUT)
    return backend


def _is_without_metadata(error: Exception) -> bool:
    """Whether a provider's backend says that it can't send along what reports are known by. Anymail finds that out
    before anything leaves; such a provider can't report, but it can send.
    """
    return type(error).__name__ == "AnymailUnsupportedFeature" and "metadata" in str(error)


def _provider_refusal(message: EmailMessage) -> PermanentRefusal | None:
    """The refusal that stands in a provider's answer, in anymail's words for what becomes of a recipient."""
    statuses = getattr(getattr(message, "anymail_status", None), "status", None)
    if not statuses or not statuses <= {"invalid", "rejected", "failed"}:
        return None
    return PermanentRefusal(reasons.NOT_ACCEPTED, ", ".join(sorted(statuses)))


def _provider_id(message: EmailMessage) -> str:
    """What the provider calls this mail, where the backend tells it (anymail does)."""
    status = getattr(message, "anymail_status", None)
    return str(getattr(status, "message_id", "") or "")[:250]
