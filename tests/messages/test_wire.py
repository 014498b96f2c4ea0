"""Our own writer of mails says the same as Python's, whatever is in the mail."""

import email
import email.policy

import pytest

from django.core.mail import EmailMultiAlternatives

from wagtail_flows.messages.envelope import WholeHeader
from wagtail_flows.messages.wire import is_ours, octets, write_ahead


pytestmark = pytest.mark.once

LONG = "word " * 400


def mail(subject="Hello", body="Text", html="<p>HTML</p>", sender="Atelier <shop@example.org>", to="zoe@example.org"):
    headers = {
        "Message-ID": "<1@example.org>",
        "List-Unsubscribe": WholeHeader.of("List-Unsubscribe", f"<https://example.org/{'x' * 300}/>"),
    }
    message = EmailMultiAlternatives(subject, body, sender, [to], headers=headers, reply_to=["answers@example.org"])
    if html:
        message.attach_alternative(html, "text/html")
    return message


def read(content: bytes) -> email.message.EmailMessage:
    return email.message_from_bytes(content, policy=email.policy.default)


MAILS = [
    mail(),
    mail(html=""),
    mail(subject="Félicitations, Zoé – 20 % pour vous"),
    mail(subject="A subject that is longer than a line of a mail is wont to be, so that it must go on in another"),
    mail(subject="Une très longue ligne d’objet, pleine d’accents, qui doit être coupée en plusieurs mots codés"),
    mail(sender="Atelier Zoé <shop@example.org>", to='"Zoé, Ünïcode" <zoe@example.org>'),
    mail(to='"A name, with a comma and a length that makes the header longer than a line" <zoe@example.org>'),
    mail(body=LONG, html=f"<p>{LONG}</p>"),
    mail(body="Zoë\nfrom\r\nhere\rto there ", html="<p>日本 = 100 %</p>\n.\n.dot\n"),
    mail(body=f"{LONG}é\ntrailing \t\nFrom me\n.", html=f"<p>é {LONG}</p>\n\n"),
]


@pytest.mark.parametrize("message", MAILS)
def test_it_reads_like_what_django_would_have_written(message):
    ours, theirs = read(octets(message)), read(message.message().as_bytes())
    for name in ("Subject", "From", "To", "Reply-To", "Message-ID", "MIME-Version"):
        # Python's older writer leaves a space before a first word that is folded.
        assert str(ours[name]) == str(theirs[name]).strip(), name
    assert str(ours["List-Unsubscribe"]) == str(message.extra_headers["List-Unsubscribe"])
    for kind in ("plain", "html"):
        mine, other = ours.get_body((kind,)), theirs.get_body((kind,))
        assert (mine is None) == (other is None)
        if mine is not None:
            assert mine.get_content().rstrip().splitlines() == other.get_content().rstrip().splitlines()


@pytest.mark.parametrize("message", MAILS)
def test_it_is_fit_for_the_wire(message):
    content = octets(message)
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert b"\r" not in content.replace(b"\r\n", b"")
    assert max(map(len, content.split(b"\r\n"))) <= 998
    head = content.partition(b"\r\n\r\n")[0]
    assert head.isascii()
    assert not read(content).defects


def test_no_value_starts_a_header():
    for broken in (mail(subject="Hello\nBcc: x@example.org"), mail(sender="a@example.org\r\nX: y")):
        with pytest.raises(ValueError, match="several lines"):
            octets(broken)


def test_what_was_written_ahead_is_what_goes_out_and_what_cannot_be_is_found_out_then():
    message, broken = mail(), mail(subject="Hello\nBcc: x@example.org")
    write_ahead(message)
    assert octets(message) is octets(message)
    assert read(octets(message))["Subject"] == "Hello"
    write_ahead(broken)
    with pytest.raises(ValueError, match="several lines"):
        octets(broken)


def test_what_has_another_form_is_left_to_django():
    assert is_ours(mail())
    copied, attached = mail(), mail()
    copied.cc = ["bob@example.org"]
    attached.attach("a.txt", "text", "text/plain")
    assert not is_ours(copied)
    assert not is_ours(attached)
    assert not is_ours(object())
