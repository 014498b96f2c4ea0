"""The mail server of the tests keeps its promises."""

import smtplib

import pytest

from django.core.mail import EmailMultiAlternatives

from tests.smtp_sink import DROP


def message(to="alice@example.org"):
    mail = EmailMultiAlternatives("Dzień dobry", "Plain text", "shop@example.org", [to])
    mail.attach_alternative("<p>HTML</p>", "text/html")
    return mail


def test_it_keeps_what_it_gets(smtp_sink):
    message().send()
    (mail,) = smtp_sink.to("alice@example.org")
    assert mail.message["Subject"] == "Dzień dobry"
    assert mail.body().strip() == "Plain text"
    assert mail.body("html").strip() == "<p>HTML</p>"


def test_it_refuses_once_when_told_to(smtp_sink):
    smtp_sink.script("rcpt", "451 4.7.1 try later")
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        message().send()
    message().send()
    assert len(smtp_sink.received) == 1


@pytest.mark.parametrize("kept", [True, False])
def test_the_line_can_go_dead_after_the_mail_was_read(smtp_sink, kept):
    smtp_sink.drop_delivers = kept
    smtp_sink.script("data", DROP)
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        message().send()
    assert len(smtp_sink.received) == kept
