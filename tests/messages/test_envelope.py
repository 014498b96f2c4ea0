"""The headers of a mail: right for its kind, and nothing from outside can add one."""

import email
import email.policy

from email.errors import MessageError
from email.headerregistry import Address
from email.utils import parseaddr

import pytest

from hypothesis import given
from hypothesis import strategies as st

from tests.messages.deliveries import a_contact, a_list
from wagtail_flows.contacts.models import Contact
from wagtail_flows.messages import reasons
from wagtail_flows.messages.content import Prepared
from wagtail_flows.messages.delivery_models import Delivery
from wagtail_flows.messages.envelope import (
    LONGEST_NAME,
    CannotBeWritten,
    SenderUnusable,
    WholeHeader,
    bare_address,
    compose,
    mailbox,
)
from wagtail_flows.messages.personalize import one_line
from wagtail_flows.messages.render import Rendered
from wagtail_flows.messages.sender import Sender


URL = "https://www.example.org/flows/unsubscribe/" + "eyJjIjoiNjBhYzY0-_" * 12 + "/"
SENDER = Sender("Atelier", "hello@example.org", "answers@example.org")


pytestmark = pytest.mark.once


def delivery_to(address="alice@example.org", *, stream="commercial", first_name="", mailing_list=None, **values):
    contact = Contact(address=address, first_name=first_name, last_name="")
    return Delivery(contact=contact, address=address, stream=stream, mailing_list=mailing_list, **values)


def prepared(sender=SENDER, *, subject="Hello", url=URL, locale="fr"):
    return Prepared(Rendered(subject, "", "<p>HTML</p>", "Text"), sender, locale, url)


def written(delivery, told=None):
    """The mail as its reader's program parses it."""
    data = compose(delivery, told or prepared()).message().as_bytes()
    return email.message_from_bytes(data, policy=email.policy.default)


@given(
    name=st.text(alphabet=st.characters(codec="utf-8"), max_size=70),
    local=st.from_regex(r"[a-zA-Z0-9'+_.-]{1,12}", fullmatch=True),
    domain=st.sampled_from(["example.org", "localhost", "xn--bcher-kva.example", "a.b-c.example"]),
)
def test_a_mailbox_is_written_and_read_as_python_does_it(name, local, domain):
    address = f"{local}@{domain}"
    shown = one_line(name)[:LONGEST_NAME].strip()
    try:
        expected = str(Address(display_name=shown, addr_spec=address))
    except (ValueError, IndexError, MessageError):
        with pytest.raises(CannotBeWritten):
            mailbox(name, address)
        return
    assert mailbox(name, address) == expected
    assert bare_address(expected) == parseaddr(expected)[1]


def test_the_message_id_is_the_deliverys_own():
    delivery = delivery_to()
    first, second = written(delivery)["Message-ID"], written(delivery)["Message-ID"]
    assert first == second == f"<{delivery.public_id}@example.org>"


def test_the_right_side_of_the_message_id_can_be_set(settings):
    settings.FLOWS_MESSAGE_ID_DOMAIN = "mail.example.net"
    assert written(delivery_to())["Message-ID"].endswith("@mail.example.net>")


def test_sender_recipient_and_language():
    mail = written(delivery_to(first_name="Zoë"))
    assert mail["From"] == "Atelier <hello@example.org>"
    assert mail["Reply-To"] == "answers@example.org"
    assert mail["To"] == "Zoë <alice@example.org>"
    assert mail["Content-Language"] == "fr"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"]
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


def test_commercial_mail_can_be_left_in_one_click():
    mail = written(delivery_to())
    assert mail["List-Unsubscribe"].strip() == f"<{URL}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-ID"] is None


def test_the_address_to_leave_at_goes_out_in_one_piece_and_unencoded():
    """Whatever policy the Django in use writes mail with."""
    raw = compose(delivery_to(), prepared()).message().as_bytes()
    assert f"<{URL}>".encode() in raw


@pytest.mark.django_db
def test_mail_of_a_list_names_the_list():
    mailing_list = a_list("Für Żółw, “friends”")
    assert written(delivery_to(mailing_list=mailing_list))["List-ID"] == f"<{mailing_list.public_id}.example.org>"


def test_transactional_mail_has_nothing_to_leave():
    mail = written(delivery_to(stream="transactional", first_name="Alice"), prepared(url=""))
    assert not [name for name in mail if name.lower().startswith(("list-", "precedence"))]
    assert mail["To"] == "alice@example.org"  # a name typed by a stranger is room for an advertisement


def test_commercial_mail_without_a_way_out_is_never_written():
    with pytest.raises(CannotBeWritten):
        compose(delivery_to(), prepared(url=""))


@pytest.mark.parametrize("policy", [email.policy.SMTP, email.policy.default, email.policy.SMTP.clone(utf8=True)])
def test_the_newer_policies_leave_the_unsubscribe_address_whole(policy):
    """Django 6 writes mail with them; a folded or encoded address would be one that nobody can click."""
    mail = email.message.EmailMessage(policy=policy)
    mail["List-Unsubscribe"] = WholeHeader.of("List-Unsubscribe", f"<{URL}>, <mailto:leave@example.org>")
    first, second = mail.as_bytes().split(policy.linesep.encode())[:2]
    assert first.decode() == f"List-Unsubscribe: <{URL}>,"
    assert second.decode() == " <mailto:leave@example.org>"


@pytest.mark.parametrize("value", ["a\nb", "a\r\nBcc: x@y.z", "é", "a" * 1000])
def test_a_whole_header_takes_only_what_fits_a_line(value):
    with pytest.raises(CannotBeWritten):
        WholeHeader.of("List-Unsubscribe", value)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("not an address", reasons.ADDRESS_INVALID),
        ("a@b@example.org", reasons.ADDRESS_INVALID),
        ("alice@example.org\nBcc: bob@example.org", reasons.ADDRESS_INVALID),
        ("alice@", reasons.ADDRESS_INVALID),
        ("", reasons.ADDRESS_INVALID),
        ("grüße@example.org", reasons.ADDRESS_NOT_ASCII),
    ],
)
def test_an_address_that_mail_cannot_go_to_says_why(address, reason):
    with pytest.raises(CannotBeWritten) as caught:
        compose(delivery_to(address), prepared())
    assert caught.value.reason == reason


def test_a_domain_in_any_script_is_written_in_ascii():
    message = compose(delivery_to("Alice@żółw.example"), prepared())
    assert message.to == ["Alice@xn--w-uga1v8h.example"]


def test_a_sender_that_mail_cannot_come_from_is_the_settings_fault():
    with pytest.raises(SenderUnusable):
        compose(delivery_to(), prepared(Sender("Atelier", "nowhere")))


def test_quotes_and_commas_in_names_stay_in_the_name():
    mail = written(
        delivery_to(first_name='Doe, "Jo" <x@evil.example>'), prepared(Sender("A, B; C", "hello@example.org"))
    )
    assert [str(one) for one in mail["To"].addresses] == ['"Doe, \\"Jo\\" <x@evil.example>" <alice@example.org>']
    assert [one.addr_spec for one in mail["From"].addresses] == ["hello@example.org"]


nasty = st.text(st.sampled_from("aé\r\n\0\x85\u2028:,;<>@\"'\\= \t日") | st.characters(codec="utf-8"), max_size=120)


@given(name=nasty, subject=nasty, sender=nasty)
def test_no_text_can_add_a_header_or_a_recipient(name, subject, sender):
    told = prepared(Sender(sender, "hello@example.org", "answers@example.org"), subject=subject)
    message = compose(delivery_to(first_name=name), told)
    data = message.message().as_bytes()
    expected = {
        *("content-type", "mime-version", "subject", "from", "to", "reply-to", "date", "message-id", "auto-submitted"),
        *("content-language", "list-unsubscribe", "list-unsubscribe-post"),
    }
    raw = email.message_from_bytes(data)
    assert {key.lower() for key in raw} == expected
    mail = email.message_from_bytes(data, policy=email.policy.default)
    assert [one.addr_spec for one in mail["To"].addresses] == ["alice@example.org"]
    assert [one.addr_spec for one in mail["From"].addresses] == ["hello@example.org"]


@pytest.mark.django_db
def test_the_contact_keeps_its_own_spelling():
    contact = a_contact("Alice.O'Hara+news@Example.org")
    delivery = Delivery(contact=contact, address=contact.address, stream="commercial")
    assert compose(delivery, prepared()).to == ["Alice.O'Hara+news@example.org"]
