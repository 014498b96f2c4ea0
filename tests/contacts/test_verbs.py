import pytest

from wagtail_flows.contacts.models import Contact, Suppression
from wagtail_flows.contacts.subscriptions import Evidence, confirm, subscribe
from wagtail_flows.contacts.suppressions import suppress, suppressed_ids
from wagtail_flows.contacts.verbs import lock_contacts


pytestmark = pytest.mark.django_db


def test_one_mailbox_is_one_contact(make_contact):
    first = make_contact("Ada@Example.org", first_name="Ada")
    again = make_contact("ada@EXAMPLE.org", first_name="Eve", last_name="Lovelace", locale="fr")
    assert first == again
    stored = Contact.objects.get()
    assert (stored.address, stored.key) == ("Ada@Example.org", "ada@example.org")
    assert (stored.first_name, stored.last_name, stored.locale) == ("Ada", "Lovelace", "fr")
    assert stored.last_name_folded == "lovelace"
    assert (again.first_name, again.last_name) == ("Ada", "Lovelace")


@pytest.mark.parametrize("name", ["x" * 300, "😀" * 300, "Ada\x00\nLovelace\ud800", "é" * 151])
def test_names_are_stored_whatever_they_are(make_contact, name):
    stored = Contact.objects.get(pk=make_contact("ada@example.org", first_name=name).pk)
    assert 0 < len(stored.first_name) <= 150
    assert stored.first_name.isprintable()


def test_contacts_are_locked_in_one_order(make_contact):
    ids = [make_contact(f"p{number}@example.org").pk for number in range(3)]
    assert [contact.pk for contact in lock_contacts([*reversed(ids), *ids])] == ids


@pytest.mark.parametrize(("scope", "held"), [("commercial", {"commercial"}), ("all", {"commercial", "transactional"})])
def test_a_suppression_holds_its_scope(make_contact, scope, held):
    ada, bob = make_contact("ada@example.org"), make_contact("bob@example.org")
    suppress("ADA@example.org", scope, "manual")
    for stream in ("commercial", "transactional"):
        expected = {ada.pk} if stream in held else set()
        assert suppressed_ids([ada.pk, bob.pk], stream) == expected
        mailable = set(Contact.objects.mailable(stream).values_list("pk", flat=True))
        assert mailable == {ada.pk, bob.pk} - expected


def test_mailable_to_a_list_are_its_subscribed_contacts(make_contact, weekly, drops, proof):
    pending, subscribed, held = (make_contact(f"{name}@example.org") for name in ("a", "b", "c"))
    for contact in (pending, subscribed, held):
        subscribe(contact, weekly, evidence=proof)
    for contact in (subscribed, held):
        confirm(contact.subscriptions.get(), 1, evidence=Evidence())
    suppress(held, "commercial", "complained")
    assert list(Contact.objects.mailable("commercial", weekly)) == [subscribed]
    assert list(Contact.objects.mailable("commercial", drops)) == []


def test_an_unknown_stream_is_an_error(make_contact):
    with pytest.raises(ValueError, match="stream"):
        Contact.objects.mailable("newsletter")


def test_a_graver_reason_replaces_the_persons_own_and_never_the_other_way(make_contact):
    ada = make_contact("ada@example.org")
    suppress(ada, "commercial", "unsubscribed")
    suppress(ada, "commercial", "complained", note="by feedback loop")
    suppress(ada, "commercial", "unsubscribed")
    suppression = Suppression.objects.get()
    assert (suppression.reason, suppression.note) == ("complained", "by feedback loop")


def test_an_address_nobody_knows_can_be_suppressed(make_contact):
    suppress("nobody@example.org", "all", "manual", note="x" * 400)
    assert suppressed_ids([make_contact("Nobody@example.org").pk], "transactional")


def test_a_suppression_outlives_the_contact(make_contact):
    contact = make_contact("ada@example.org")
    suppress(contact, "all", "bounced")
    contact.delete()
    again = make_contact("ada@example.org")
    assert suppressed_ids([again.pk], "commercial") == {again.pk}
