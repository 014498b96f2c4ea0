"""Notices to the staff: one mail to those named, as far as they may enter the admin."""

import pytest

from django.contrib.auth.models import Group, Permission

from tests.messages.deliveries import MINUTE, NOW, a_contact, a_message, queued, states
from wagtail_flows.contacts.models import Suppression
from wagtail_flows.contacts.suppressions import suppress
from wagtail_flows.lib import clock
from wagtail_flows.messages import reasons
from wagtail_flows.messages.channels.staff import NOBODY, TEXT_UNUSABLE
from wagtail_flows.messages.deliver import deliver, next_due
from wagtail_flows.messages.delivery_models import Delivery
from wagtail_flows.messages.queueing import NewDelivery, queue


pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _site(wagtail_site):
    with clock.moved(NOW):
        yield


@pytest.fixture
def team(django_user_model) -> Group:
    """Two who may enter; one who left, one without an address, and a customer who may not enter."""
    team = Group.objects.create(name="Support")
    team.permissions.add(Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin"))
    for name, values in {"ada": {}, "bob": {}, "gone": {"is_active": False}, "mute": {"email": ""}}.items():
        user = django_user_model.objects.create_user(name, **{"email": f"{name}@staff.example", **values})
        user.groups.add(team)
    django_user_model.objects.create_user("customer", "customer@example.org")
    return team


def a_notice(contact=None, **payload) -> Delivery:
    told = {"groups": [], "addresses": [], "subject": "{{ contact.first_name }} waits", "text": "Look.", **payload}
    values = {"kind": "dispatch", "channel": "staff", "basis": "transaction", "due_at": NOW}
    (delivery,) = queue([NewDelivery((contact or a_contact(first_name="Zoë")).pk, context={"payload": told}, **values)])
    Delivery.objects.filter(pk=delivery.pk).update(queued_at=NOW)
    return Delivery.objects.get(pk=delivery.pk)


def standing(delivery) -> tuple[str, str]:
    delivery.refresh_from_db()
    return delivery.status, delivery.reason


def test_a_group_is_told_in_one_mail_with_the_way_to_the_contact(rude_server, team, settings):
    settings.WAGTAILADMIN_BASE_URL = "https://admin.example/"
    contact = a_contact(first_name="Zoë")
    delivery = a_notice(contact, groups=["Support"])
    assert deliver(NOW) == 1
    assert standing(delivery) == ("sent", "")
    (mail,) = rude_server.accepted
    assert sorted(mail.recipients) == ["ada@staff.example", "bob@staff.example"]
    assert mail.message["Subject"] == "Zoë waits"
    assert mail.message["Message-ID"] == f"<{delivery.public_id}@example.org>"
    assert mail.message["List-Unsubscribe"] is None
    body = mail.message.get_content()
    assert body.startswith("Look.")
    assert f"https://admin.example/admin/flows/contacts/inspect/{contact.pk}/" in body


def test_people_are_named_by_address_in_capitals_or_not_and_each_is_told_once(rude_server, team):
    a_notice(groups=["Support"], addresses=["ADA@staff.example"])
    deliver(NOW)
    assert sorted(rude_server.accepted[0].recipients) == ["ada@staff.example", "bob@staff.example"]


@pytest.mark.parametrize("address", ["customer@example.org", "gone@staff.example", "nobody@example.org"])
def test_nobody_but_active_people_who_may_enter_is_told_about_contacts(rude_server, team, address):
    delivery = a_notice(addresses=[address])
    deliver(NOW)
    assert standing(delivery) == ("skipped", NOBODY)
    assert rude_server.whole == []


def test_a_group_that_is_gone_leaves_nobody_to_tell(rude_server, team):
    delivery = a_notice(groups=["Support"])
    team.delete()
    deliver(NOW)
    assert standing(delivery) == ("skipped", NOBODY)


def test_the_link_is_not_written_twice(rude_server, team):
    a_notice(groups=["Support"], text="See {{ links.contact }} now")
    deliver(NOW)
    assert rude_server.accepted[0].message.get_content().count("/contacts/inspect/") == 1


def test_a_name_cannot_start_a_header(rude_server, team):
    a_notice(a_contact(first_name="Eve\nBcc: all@example.org"), groups=["Support"])
    deliver(NOW)
    (mail,) = rude_server.accepted
    assert mail.message["Subject"] == "Eve Bcc: all@example.org waits"
    assert len(mail.recipients) == 2


def test_what_a_contact_refuses_does_not_stop_a_notice(rude_server, team):
    contact = a_contact()
    suppress(contact.address, "all", "manual")
    delivery = a_notice(contact, groups=["Support"])
    deliver(NOW)
    assert standing(delivery) == ("sent", "")


def test_a_text_that_cannot_be_filled_in_fails_and_the_others_go(rude_server, team):
    broken = a_notice(groups=["Support"], text="{{ contact")
    well = a_notice(groups=["Support"])
    assert deliver(NOW) == 2
    assert standing(broken) == ("failed", TEXT_UNUSABLE)
    assert standing(well) == ("sent", "")


def test_a_server_that_refuses_all_of_them_is_asked_again(rude_server, team):
    rude_server.at("rcpt", "450 later", times=2)
    delivery = a_notice(groups=["Support"])
    assert deliver(NOW) == 0
    assert standing(delivery) == ("queued", reasons.REFUSED_FOR_NOW)


def test_a_colleague_whose_mailbox_is_gone_suppresses_no_contact(rude_server, team):
    delivery = a_notice(addresses=["ada@staff.example"])
    rude_server.at("rcpt", "550 5.1.1 no such user")
    deliver(NOW)
    assert standing(delivery) == ("failed", reasons.ADDRESS_REFUSED)
    assert not Suppression.objects.exists()


def test_notices_take_from_what_their_mail_server_takes_as_e_mails_do(rude_server, team, settings):
    settings.FLOWS_TRANSPORT_RATES = {"default": 18}
    receipt = a_message("Receipt", stream="transactional", basis="transaction")
    urgent = [queued(a_contact(f"p{number}@example.org"), receipt.translation_key) for number in range(2)]
    notices = [a_notice(groups=["Support"]) for _number in range(3)]
    assert deliver(NOW) == 3
    assert states(*urgent) == ["sent", "sent"]
    assert states(*notices) == ["sent", "queued", "queued"]
    assert next_due(NOW) == NOW + MINUTE / 18


def test_a_notice_that_was_not_sent_gives_its_token_back(rude_server, team, settings):
    settings.FLOWS_TRANSPORT_RATES = {"default": 6}
    a_notice(addresses=["nobody@example.org"])
    told = a_notice(groups=["Support"])
    assert deliver(NOW) == 2
    assert standing(told) == ("sent", "")
