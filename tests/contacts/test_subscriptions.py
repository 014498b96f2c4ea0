from datetime import timedelta

import pytest

from django.core.exceptions import ValidationError

from wagtail_flows.contacts.models import Consent, Contact, Subscription, Suppression
from wagtail_flows.contacts.subscriptions import (
    ContactGone,
    Evidence,
    SupersededConfirmation,
    confirm,
    subscribe,
    unsubscribe,
)
from wagtail_flows.contacts.suppressions import is_suppressed, suppress
from wagtail_flows.events.models import Event
from wagtail_flows.lib import clock


pytestmark = pytest.mark.django_db
PRESSED = Evidence(wording="Confirm", source="link")


def kinds() -> list[str]:
    return list(Event.objects.order_by("id").values_list("kind", flat=True))


def actions() -> list[str]:
    return list(Consent.objects.order_by("id").values_list("action", flat=True))


def test_a_double_opt_in_is_pending_until_its_owner_confirms(ada, weekly, proof, heard):
    subscription = subscribe(ada, weekly, evidence=proof, locale="en")
    assert subscription.status == "pending"
    assert heard == [("confirmation", subscription.pk, "en")]
    assert actions() == ["asked"]
    assert kinds() == []

    confirmed = confirm(subscription, 1, evidence=PRESSED)
    assert confirmed.status == "subscribed"
    assert actions() == ["asked", "confirmed"]
    assert kinds() == ["list.subscribed"]


def test_the_event_tells_the_list_and_the_round(ada, weekly, proof):
    subscription = confirm(subscribe(ada, weekly, evidence=proof), 1, evidence=PRESSED)
    event = Event.objects.get()
    assert event.contact == ada
    assert event.source == "site"
    assert event.dedupe_key == f"subscription:{subscription.public_id}:1"
    assert event.subject == f"list:{weekly.public_id}"
    assert event.data == {"list": str(weekly.public_id), "source": "form"}


def test_confirming_twice_is_confirming_once(ada, weekly, proof):
    subscription = subscribe(ada, weekly, evidence=proof)
    first = confirm(subscription, 1, evidence=PRESSED)
    again = confirm(subscription, 1, evidence=PRESSED)
    assert again.confirmed_at == first.confirmed_at
    assert actions() == ["asked", "confirmed"]
    assert kinds() == ["list.subscribed"]


def test_a_single_opt_in_subscribes_at_once(ada, drops, proof, heard):
    assert subscribe(ada, drops, evidence=proof).status == "subscribed"
    assert kinds() == ["list.subscribed"]
    assert actions() == ["asked"]
    assert heard == []


def test_the_evidence_is_kept_as_it_was(ada, weekly):
    evidence = Evidence("Yes!\nOnce a week.", "form", 12, 34, "https://example.org/contact/", "fr", "192.0.2.7")
    subscribe(ada, weekly, evidence=evidence)
    consent = Consent.objects.get()
    assert (consent.wording, consent.source, consent.page_id, consent.page_revision_id, consent.page_url) == (
        "Yes!\nOnce a week.",
        "form",
        12,
        34,
        "https://example.org/contact/",
    )
    assert (consent.contact, consent.mailing_list, consent.list_name, consent.locale) == (
        ada,
        weekly,
        "Weekly news",
        "fr",
    )
    assert consent.ip_address is None


def test_the_ip_address_is_kept_where_the_site_wants_it(ada, weekly, settings):
    settings.FLOWS_KEEP_IP_ADDRESSES = True
    subscribe(ada, weekly, evidence=Evidence(ip_address="192.0.2.7"))
    assert Consent.objects.get().ip_address == "192.0.2.7"


def test_asking_again_while_pending_keeps_the_links_already_sent_good(ada, weekly, proof, heard):
    subscribe(ada, weekly, evidence=proof)
    with clock.moved(clock.now() + timedelta(minutes=5)):
        subscription = subscribe(ada, weekly, evidence=proof)
    assert subscription.round == 1
    assert heard.kinds == ["confirmation", "confirmation"]
    assert actions() == ["asked", "asked"]


def test_who_was_only_added_subscribes_and_leaves_like_anybody(ada, weekly, drops, proof, heard):
    for mailing_list in (weekly, drops):
        moments = {"requested_at": clock.now(), "round": 0}
        Subscription.objects.create(contact=ada, mailing_list=mailing_list, status="added", **moments)
    asked = subscribe(ada, weekly, evidence=proof)
    assert (asked.status, asked.round, heard.kinds) == ("pending", 1, ["confirmation"])
    unsubscribe(ada, None, evidence=PRESSED)
    assert set(Subscription.objects.values_list("status", flat=True)) == {"unsubscribed"}


def test_an_impatient_second_press_sends_no_second_mail(ada, weekly, proof, heard):
    subscribe(ada, weekly, evidence=proof)
    subscribe(ada, weekly, evidence=proof)
    assert heard.kinds == ["confirmation"]
    assert actions() == ["asked", "asked"]


def test_who_is_subscribed_already_is_told_once_a_day_by_mail(ada, weekly, proof, heard):
    confirm(subscribe(ada, weekly, evidence=proof), 1, evidence=PRESSED)
    noon = clock.now().replace(hour=12) + timedelta(days=1)
    for hour in range(1, 4):
        with clock.moved(noon + timedelta(hours=hour)):
            assert subscribe(ada, weekly, evidence=proof, locale="fr").status == "subscribed"
    assert heard.kinds == ["confirmation", "already"]
    assert kinds() == ["list.subscribed"]


def test_who_is_invited_is_asked_as_somebody_who_didnt_ask(ada, weekly, proof, heard):
    subscribe(ada, weekly, evidence=proof, is_invited=True)
    assert heard.kinds == ["invitation"]


def test_who_is_invited_is_asked_whatever_the_list_says(ada, drops, proof, heard):
    assert subscribe(ada, drops, evidence=proof, is_invited=True).status == "pending"
    assert heard.kinds == ["invitation"]


def test_who_is_invited_and_subscribed_already_is_told_nothing(ada, weekly, proof, heard):
    confirm(subscribe(ada, weekly, evidence=proof), 1, evidence=PRESSED)
    assert subscribe(ada, weekly, evidence=proof, is_invited=True).status == "subscribed"
    assert heard.kinds == ["confirmation"]


def test_an_address_gets_so_many_confirmations_an_hour_and_the_wish_is_kept(ada, weekly, proof, heard, settings):
    settings.FLOWS_CONFIRMATIONS_PER_ADDRESS = 2
    start = clock.now().replace(minute=0, second=0)
    for minute in (0, 10, 20, 30):
        with clock.moved(start + timedelta(minutes=minute)):
            subscribe(ada, weekly, evidence=proof)
    assert heard.kinds == ["confirmation"] * 2
    assert actions() == ["asked"] * 4
    with clock.moved(start + timedelta(minutes=61)):
        subscribe(ada, weekly, evidence=proof)
    assert heard.kinds == ["confirmation"] * 3


def test_an_origin_causes_so_many_confirmations_an_hour(weekly, proof, heard, settings, make_contact):
    settings.FLOWS_CONFIRMATIONS_PER_ORIGIN = 2
    with clock.moved(clock.now()):
        for number in range(4):
            subscribe(make_contact(f"person{number}@example.org"), weekly, evidence=proof, origin="192.0.2.7")
        assert heard.kinds == ["confirmation"] * 2
        subscribe(make_contact("other@example.org"), weekly, evidence=proof, origin="192.0.2.8")
    assert heard.kinds == ["confirmation"] * 3
    assert Subscription.objects.filter(status="pending").count() == 5


def test_leaving_a_list_stops_it_and_only_it(ada, weekly, drops, proof):
    confirm(subscribe(ada, weekly, evidence=proof), 1, evidence=PRESSED)
    subscribe(ada, drops, evidence=proof)
    unsubscribe(ada, weekly, evidence=PRESSED)
    unsubscribe(ada, weekly, evidence=PRESSED)
    assert Subscription.objects.get(mailing_list=weekly).status == "unsubscribed"
    assert Subscription.objects.get(mailing_list=drops).status == "subscribed"
    assert kinds() == ["list.subscribed", "list.subscribed", "list.unsubscribed"]
    assert actions().count("withdrew") == 1
    assert not Suppression.objects.exists()


def test_leaving_a_list_that_one_never_joined_is_remembered(ada, weekly):
    unsubscribe(ada, weekly, evidence=PRESSED)
    assert Subscription.objects.get().status == "unsubscribed"
    assert actions() == ["withdrew"]


def test_who_leaves_while_pending_was_never_subscribed(ada, weekly, proof):
    subscribe(ada, weekly, evidence=proof)
    unsubscribe(ada, weekly, evidence=PRESSED)
    assert Subscription.objects.get().status == "unsubscribed"
    assert kinds() == []


def test_an_old_link_does_not_bring_back_who_left(ada, weekly, proof):
    subscription = subscribe(ada, weekly, evidence=proof)
    confirm(subscription, 1, evidence=PRESSED)
    unsubscribe(ada, weekly, evidence=PRESSED)
    with pytest.raises(SupersededConfirmation):
        confirm(subscription, 1, evidence=PRESSED)
    again = subscribe(ada, weekly, evidence=proof)
    assert (again.round, again.status, again.confirmed_at, again.left_at) == (2, "pending", None, None)
    with pytest.raises(SupersededConfirmation):
        confirm(subscription, 1, evidence=PRESSED)
    assert confirm(again, 2, evidence=PRESSED).status == "subscribed"
    assert kinds() == ["list.subscribed", "list.unsubscribed", "list.subscribed"]


def test_leaving_everything_suppresses_commercial_mail_and_leaves_every_list(ada, weekly, drops, proof):
    subscribe(ada, weekly, evidence=proof)
    subscribe(ada, drops, evidence=proof)
    unsubscribe(ada, None, evidence=PRESSED)
    unsubscribe(ada, None, evidence=PRESSED)
    assert is_suppressed(ada, "commercial")
    assert not is_suppressed(ada, "transactional")
    assert set(Subscription.objects.values_list("status", flat=True)) == {"unsubscribed"}
    assert Consent.objects.filter(action="withdrew", mailing_list=None).count() == 1
    assert Suppression.objects.get().reason == "unsubscribed"


def test_a_new_confirmation_lifts_what_the_person_asked_for(ada, weekly, proof):
    unsubscribe(ada, None, evidence=PRESSED)
    subscription = subscribe(ada, weekly, evidence=proof)
    assert is_suppressed(ada, "commercial")
    confirm(subscription, subscription.round, evidence=PRESSED)
    assert not is_suppressed(ada, "commercial")


def test_who_left_everything_confirms_even_on_a_single_opt_in_list(ada, drops, proof, heard):
    unsubscribe(ada, None, evidence=PRESSED)
    subscription = subscribe(ada, drops, evidence=proof)
    assert subscription.status == "pending"
    assert heard.kinds == ["confirmation"]
    confirm(subscription, subscription.round, evidence=PRESSED)
    assert not is_suppressed(ada, "commercial")


@pytest.mark.parametrize(
    ("scope", "reason"),
    [
        ("all", "bounced"),
        ("all", "complained"),
        ("commercial", "complained"),
        ("commercial", "manual"),
        ("all", "unsubscribed"),
    ],
)
def test_a_confirmation_lifts_no_other_suppression(ada, weekly, proof, scope, reason):
    suppress(ada, scope, reason)
    confirm(subscribe(ada, weekly, evidence=proof), 1, evidence=PRESSED)
    assert is_suppressed(ada, "commercial")


def test_an_erased_contact_has_nothing_to_change(ada, weekly, proof):
    subscription = subscribe(ada, weekly, evidence=proof)
    Contact.objects.get(pk=ada.pk).delete()
    with pytest.raises(ContactGone):
        confirm(subscription, 1, evidence=PRESSED)
    with pytest.raises(ContactGone):
        unsubscribe(ada, weekly, evidence=PRESSED)
    with pytest.raises(ContactGone):
        subscribe(ada, weekly, evidence=proof)


def test_evidence_cannot_be_changed_or_taken_away(ada, weekly, proof):
    subscribe(ada, weekly, evidence=proof)
    consent = Consent.objects.get()
    consent.wording = "Other words"
    for change in (
        consent.save,
        consent.delete,
        Consent.objects.all().delete,
        lambda: Consent.objects.update(wording="Other words"),
        lambda: Consent.objects.bulk_update([consent], ["wording"]),
        lambda: Consent.objects.update_or_create(pk=consent.pk, defaults={"wording": "Other words"}),
        lambda: Consent.objects.bulk_create(
            [consent], update_conflicts=True, update_fields=["wording"], unique_fields=["id"]
        ),
        lambda: ada.consents.update(wording="Other words"),
    ):
        with pytest.raises(ValidationError):
            change()
    assert Consent.objects.get().wording == proof.wording


def test_erasing_a_contact_takes_its_evidence(ada, weekly, proof):
    subscribe(ada, weekly, evidence=proof)
    ada.delete()
    assert not Consent.objects.exists()


def test_the_evidence_outlives_the_list(ada, weekly, proof):
    subscribe(ada, weekly, evidence=proof)
    weekly.delete()
    assert Consent.objects.get().list_name == "Weekly news"
