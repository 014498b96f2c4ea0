"""The line to a mail server: whatever the server does, it says rightly whether the mail can have left."""

import django
import pytest

from django.core.mail import EmailMultiAlternatives

from tests.smtp import DROP, HANG
from wagtail_flows.messages import reasons, transport
from wagtail_flows.messages.replies import (
    PermanentRefusal,
    Sent,
    TemporaryRefusal,
    Unavailable,
    Unknown,
    api_answer,
    reply_answer,
)
from wagtail_flows.messages.transport import Line


pytestmark = pytest.mark.once


def mail(to="alice@example.org"):
    message = EmailMultiAlternatives("Hello", "Text", "shop@example.org", [to])
    message.attach_alternative("<p>HTML</p>", "text/html")
    return message


@pytest.fixture(params=[False, True], ids=["step by step", "at once"])
def line(rude_server, request):
    """To a server that is told one command after the other, and to one that takes several."""
    rude_server.is_pipelining = request.param
    line = Line("commercial")
    assert line.ready() is None
    yield line
    line.close()


def test_a_mail_that_the_server_took_is_sent(rude_server, line):
    assert line.hand_over(mail()) == Sent()
    assert [one.recipients for one in rude_server.accepted] == [("alice@example.org",)]


def test_one_connection_carries_many_mails(rude_server, line):
    for _number in range(5):
        assert line.ready() is None
        assert isinstance(line.hand_over(mail()), Sent)
    assert (rude_server.connections, len(rude_server.accepted)) == (1, 5)


# What the server does, and what is known then.
CERTAIN = [
    ("mail", "451 4.3.0 busy", TemporaryRefusal(reasons.REFUSED_FOR_NOW, "451 4.3.0 busy")),
    ("mail", "421 4.7.0 go away", TemporaryRefusal(reasons.REFUSED_FOR_NOW, "421 4.7.0 go away")),
    ("mail", "550 5.1.8 who are you", PermanentRefusal(reasons.SENDER_REFUSED, "550 5.1.8 who are you")),
    ("mail", "552 too big", PermanentRefusal(reasons.TOO_LARGE, "552 too big")),
    ("mail", "530 5.7.0 log in first", Unavailable("530 5.7.0 log in first")),
    ("rcpt", "450 4.2.0 greylisted", TemporaryRefusal(reasons.REFUSED_FOR_NOW, "450 4.2.0 greylisted")),
    ("rcpt", "550 5.1.1 no such user", PermanentRefusal(reasons.ADDRESS_REFUSED, "550 5.1.1 no such user", True)),
    ("rcpt", "550 no such user", PermanentRefusal(reasons.ADDRESS_REFUSED, "550 no such user")),
    ("rcpt", "550 5.7.1 listed", PermanentRefusal(reasons.POLICY_REFUSED, "550 5.7.1 listed")),
    ("rcpt", "552 5.2.2 full", PermanentRefusal(reasons.MAILBOX_FULL, "552 5.2.2 full")),
    ("data", "451 not now", TemporaryRefusal(reasons.REFUSED_FOR_NOW, "451 not now")),
    ("data", "554 5.5.1 no", PermanentRefusal(reasons.CONTENT_REFUSED, "554 5.5.1 no")),
    ("dot", "452 4.3.1 disk full", TemporaryRefusal(reasons.REFUSED_FOR_NOW, "452 4.3.1 disk full")),
    ("dot", "421 4.3.2 going down", TemporaryRefusal(reasons.REFUSED_FOR_NOW, "421 4.3.2 going down")),
    ("dot", "554 5.7.1 spam", PermanentRefusal(reasons.CONTENT_REFUSED, "554 5.7.1 spam")),
    ("dot", "552 5.3.4 too big", PermanentRefusal(reasons.TOO_LARGE, "552 5.3.4 too big")),
    ("dot", "252 fine, I think", Sent()),
]


@pytest.mark.parametrize(("point", "reply", "answer"), CERTAIN)
def test_every_reply_is_certain(rude_server, line, point, reply, answer):
    rude_server.at(point, reply)
    assert line.hand_over(mail()) == answer


@pytest.mark.parametrize("point", ["mail", "rcpt", "data"])
@pytest.mark.parametrize("deed", [DROP, HANG])
def test_a_line_that_dies_before_the_content_is_certain(rude_server, line, point, deed):
    rude_server.at(point, deed)
    answer = line.hand_over(mail())
    assert isinstance(answer, TemporaryRefusal)
    assert answer.reason == reasons.CONNECTION_LOST
    assert rude_server.whole == []


@pytest.mark.parametrize("point", ["content", "dot"])
@pytest.mark.parametrize("deed", [DROP, HANG])
def test_a_line_that_dies_after_the_content_began_leaves_doubt(rude_server, line, point, deed):
    rude_server.at(point, deed)
    answer = line.hand_over(mail())
    assert isinstance(answer, Unknown)
    assert answer.reason == reasons.NO_ANSWER


def test_who_is_let_in_without_a_recipient_says_nothing(rude_server, line):
    rude_server.at("rcpt", "550 5.1.1 no such user")
    rude_server.at("data", "354 go on nevertheless")
    assert line.hand_over(mail()) == PermanentRefusal(reasons.ADDRESS_REFUSED, "550 5.1.1 no such user", is_dead=True)
    assert rude_server.whole == []


def test_lines_that_begin_with_a_dot_arrive_whole(rude_server, line):
    message = mail()
    message.body = "one\n.two\n..three\n.\nfour"
    assert line.hand_over(message) == Sent()
    assert rude_server.accepted[0].message.get_body(("plain",)).get_content().split() == [
        "one", ".two", "..three", ".", "four",
    ]  # fmt: skip


def test_gibberish_after_the_content_leaves_doubt(rude_server, line):
    rude_server.at("dot", "hello?")
    assert isinstance(line.hand_over(mail()), Unknown)


@pytest.mark.parametrize(("point", "deed"), [("rcpt", "550 no"), ("dot", DROP), ("data", HANG), ("mail", "421 bye")])
def test_the_line_is_opened_anew_after_any_error(rude_server, line, point, deed):
    rude_server.at(point, deed)
    line.hand_over(mail())
    assert not line.is_fresh
    assert line.ready() is None
    assert line.hand_over(mail("bob@example.org")) == Sent()
    assert rude_server.connections == 2


def test_an_idle_line_is_probed(rude_server, line, monkeypatch):
    monkeypatch.setattr(transport, "IDLE_SECONDS", -1.0)
    assert line.ready() is None
    assert "noop" in rude_server.commands
    assert rude_server.connections == 1


@pytest.mark.parametrize("deed", [DROP, HANG, "421 too long silent"])
def test_an_idle_line_that_is_dead_is_opened_anew(rude_server, line, monkeypatch, deed):
    monkeypatch.setattr(transport, "IDLE_SECONDS", -1.0)
    rude_server.at("noop", deed)
    assert line.ready() is None
    assert rude_server.connections == 2
    assert line.hand_over(mail()) == Sent()


@pytest.mark.parametrize(
    ("point", "deed"),
    [("connect", "554 no"), ("connect", "421 later"), ("connect", DROP), ("connect", HANG), ("ehlo", DROP)],
)
def test_a_server_that_does_not_let_us_in_is_unavailable(rude_server, point, deed):
    rude_server.at(point, deed)
    line = Line("commercial")
    assert isinstance(line.ready(), Unavailable)
    assert line.ready() is None  # and the next time it does
    line.close()


def test_a_server_that_is_not_there_is_unavailable(rude_server):
    rude_server.stop()
    assert isinstance(Line("commercial").ready(), Unavailable)


def test_a_mail_that_cannot_be_written_is_refused_for_good_and_nothing_leaves(rude_server, line):
    message = mail()
    message.subject = "Hello\nBcc: everyone@example.org"
    answer = line.hand_over(message)
    assert isinstance(answer, PermanentRefusal)
    assert answer.reason == reasons.CANNOT_BE_WRITTEN
    assert rude_server.whole == []


def test_other_backends_carry_mail_too(mailoutbox):
    line = Line("transactional")
    assert line.ready() is None
    assert line.hand_over(mail()) == Sent()
    line.close()
    assert [message.to for message in mailoutbox] == [["alice@example.org"]]


@pytest.mark.skipif(django.VERSION < (6, 1), reason="MAILERS came with Django 6.1")
def test_each_stream_goes_through_its_own_mailer(settings, mailoutbox, tmp_path):
    files = {"BACKEND": "django.core.mail.backends.filebased.EmailBackend", "OPTIONS": {"file_path": str(tmp_path)}}
    settings.MAILERS = {**settings.MAILERS, "bulk": files}
    settings.FLOWS_MAILERS = {"commercial": "bulk"}
    for stream in ("commercial", "transactional"):
        line = Line(stream)
        assert line.ready() is None
        assert line.hand_over(mail(f"{stream}@example.org")) == Sent()
        line.close()
    assert [message.to for message in mailoutbox] == [["transactional@example.org"]]
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.skipif(django.VERSION < (6, 1), reason="MAILERS came with Django 6.1")
def test_a_mailer_that_is_not_there_keeps_the_mail_waiting(settings):
    settings.FLOWS_MAILERS = {"commercial": "nowhere"}
    assert isinstance(Line("commercial").ready(), Unavailable)


def test_a_backend_that_is_not_there_keeps_the_mail_waiting(settings):
    if django.VERSION < (6, 1):
        settings.EMAIL_BACKEND = "nowhere.EmailBackend"
    else:
        settings.MAILERS = {"default": {"BACKEND": "nowhere.EmailBackend"}}
    assert isinstance(Line("commercial").ready(), Unavailable)


def error_with(status: int) -> Exception:
    error = RuntimeError("the provider's words")
    error.status_code = status
    return error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (error_with(400), PermanentRefusal),
        (error_with(422), PermanentRefusal),
        (error_with(429), TemporaryRefusal),
        (error_with(401), Unavailable),
        (error_with(403), Unavailable),
        (error_with(500), Unknown),
        (RuntimeError("anything"), Unknown),
        (TimeoutError(), Unknown),
        (ConnectionRefusedError(), Unavailable),
    ],
)
def test_an_api_is_believed_only_where_it_is_clear(error, kind):
    assert isinstance(api_answer(error), kind)


def test_a_refused_connection_is_found_behind_the_error_that_hides_it():
    hidden = RuntimeError("API request failed")
    hidden.__cause__ = OSError("max retries")
    hidden.__cause__.__context__ = ConnectionRefusedError()
    assert isinstance(api_answer(hidden), Unavailable)


@pytest.mark.parametrize("command", ["mail", "rcpt", "data"])
@pytest.mark.parametrize("code", [400, 421, 450, 499, 500, 530, 535, 550, 599])
def test_no_refusal_is_ever_taken_for_sent_or_doubt(command, code):
    answer = reply_answer(command, code, b"\xff no", data_begun=True)
    assert isinstance(answer, TemporaryRefusal | PermanentRefusal | Unavailable)
