"""What a delivery says: which translation, about whom, with which links."""

import uuid

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from wagtail.models import Locale, Site

from tests.messages.deliveries import prepare
from tests.messages.writing import contact, delivery, draft, mailing_list, published
from wagtail_flows.contacts.models import ContactProperty, Property, Subscription
from wagtail_flows.lib import clock
from wagtail_flows.messages import context as message_context
from wagtail_flows.messages.channels.port import Ready
from wagtail_flows.messages.content import NotPrepared, Prepared
from wagtail_flows.messages.context import register_context
from wagtail_flows.messages.models import Basis, Delivery, Message, SenderSettings, Stream
from wagtail_flows.messages.preparing import ready_mails


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("wagtail_site")]

ORDERS = {
    "order:one": {
        "number": "21",
        "currency": "EUR",
        "total": Decimal("1041.9"),
        "placed_at": datetime(2026, 3, 9, 23, 30, tzinfo=UTC),
        "locale": "pl",
        "shop": {"name": "Sklep", "url": "https://sklep.example"},
        "lines": [{"name": "Juice", "quantity": 2, "price": Decimal("5.99"), "review_url": "https://sklep.example/r"}],
    }
}


@pytest.fixture
def orders(monkeypatch):
    """A shop that knows one order; what was registered before comes back afterwards."""
    monkeypatch.setattr(message_context, "_registered", {})
    asked: list[list[str]] = []

    def loader(subjects):
        asked.append(list(subjects))
        return {subject: ORDERS[subject] for subject in subjects if subject in ORDERS}

    register_context("order", loader)
    return asked


def one(message=None, **fields):
    row = delivery(message, **fields)
    found = prepare([row])[row.pk]
    assert isinstance(found, Prepared)
    assert not found.rendered.errors
    return found


def test_a_live_message_is_rendered_for_its_contact_with_the_revision_it_was_made_from():
    message = published()
    found = one(message)
    assert found.rendered.subject == "News for Zoé"
    assert "Hello Zoé" in found.rendered.text
    assert found.revision_id == message.live_revision_id


def test_what_was_changed_and_not_published_is_not_sent():
    message = published()
    message.subject = "Not yet"
    message.save_revision()
    assert one(message).rendered.subject == "News for Zoé"


@pytest.mark.parametrize("make", [draft, lambda: None])
def test_a_message_that_is_not_live_or_not_there_is_a_reason_to_skip(make):
    row = delivery(make())
    assert prepare([row]) == {row.pk: NotPrepared("message_not_live")}


def test_an_unpublished_message_is_not_sent():
    message = published()
    message.unpublish()
    assert prepare([row := delivery(message)])[row.pk] == NotPrepared("message_not_live")


def translated(message, locale, subject, *, live=True):
    copy = message.copy_for_translation(Locale.objects.get(language_code=locale))
    copy.subject = subject
    copy.save()
    if live:
        copy.save_revision().publish()
    return copy


@pytest.mark.parametrize(
    ("locale", "subject"),
    [
        ("fr", "Nouvelles"),
        ("fr-CA", "Nouvelles"),
        ("FR_be", "Nouvelles"),
        ("pl", "Wieści"),
        ("de", "News"),
        ("", "News"),
    ],
)
def test_people_get_their_language_or_the_default_one(locale, subject):
    message = published(subject="News")
    translated(message, "fr", "Nouvelles")
    translated(message, "pl", "Wieści")
    assert one(message, to=contact(locale=locale)).rendered.subject == subject


def test_a_translation_that_is_not_live_is_not_chosen():
    message = published(subject="News")
    translated(message, "fr", "Nouvelles", live=False)
    assert one(message, to=contact(locale="fr")).rendered.subject == "News"


def test_without_the_default_language_any_live_translation_is_better_than_none():
    message = published("pl", subject="Wieści")
    assert one(message, to=contact(locale="fr")).locale == "pl"


def test_the_order_tells_the_language_of_a_contact_of_whom_none_is_known(orders):
    message = published(subject="News")
    translated(message, "pl", "Wieści")
    assert one(message, context={"subject": "order:one"}).rendered.subject == "Wieści"


def test_money_and_dates_are_written_as_in_the_language_of_the_mail(orders):
    body = [
        ("text", "<p>{{ order.total }} {{ order.placed_at }} {{ shop.name }}</p>"),
        ("text", "{% for line in order.lines %}<p>{{ line.name }} {{ line.price }}</p>{% endfor %}"),
    ]
    message = published(body=body, subject="a")
    translated(message, "fr", "b")
    english = one(message, context={"subject": "order:one"}, locale="en").rendered.text
    french = one(message, to=contact("b@example.org"), context={"subject": "order:one"}, locale="fr").rendered.text
    assert "€1,041.90 March 10, 2026 Sklep" in english
    assert "Juice €5.99" in english
    assert "041,90\xa0€ 10 mars 2026 Sklep" in french
    assert "Juice 5,99\xa0€" in french


def test_properties_of_the_contact_are_known_by_their_names_and_never_hide_its_own():
    person = contact()
    for name, kind, value in (
        ("shoe-size", "number", Decimal("42")),
        ("town", "text", "Łódź"),
        ("email", "text", "no"),
    ):
        made = Property.objects.create(name=name, label=name, type=kind)
        ContactProperty.objects.create(contact=person, property=made, **{kind: value})
    message = published(subject="{{ contact.shoe-size | plus: 1 }} {{ contact.town }} {{ contact.email }}")
    assert one(message, to=person).rendered.subject == "43 Łódź zoe@example.org"


def test_the_event_that_started_it_can_be_named():
    message = published(subject="{{ event.plan }}")
    assert one(message, context={"event": {"plan": "Gold"}}).rendered.subject == "Gold"


def test_commercial_mail_names_sender_address_list_and_the_way_out():
    site = Site.objects.get(is_default_site=True)
    SenderSettings.objects.create(
        site=site,
        from_name="Maison",
        from_address="a@maison.example",
        reply_to="r@maison.example",
        postal_address="1 rue X",
    )
    found = one(published(), mailing_list=mailing_list())
    assert (found.sender.name, found.sender.address, found.sender.reply_to) == (
        "Maison",
        "a@maison.example",
        "r@maison.example",
    )
    assert found.unsubscribe_url.startswith(str(site.root_url) + "/")
    for words in ("Maison", "1 rue X", "“Weekly news”", found.unsubscribe_url):
        assert words in found.rendered.text
    assert found.unsubscribe_url in found.rendered.html


def test_a_list_of_another_site_has_that_site_s_sender_and_links():
    root = Site.objects.get(is_default_site=True).root_page
    other = Site.objects.create(hostname="other.example", port=443, root_page=root, site_name="Other")
    SenderSettings.objects.create(site=other, from_name="Other's")
    found = one(published(body=[("button", {"label": "Go", "url": "/here/"})]), mailing_list=mailing_list(site=other))
    assert found.sender.name == "Other's"
    assert found.unsubscribe_url.startswith("https://other.example/")
    assert "https://other.example/here/" in found.rendered.text


def test_the_message_s_own_sender_name_wins_and_the_installation_s_address_is_the_last_resort():
    found = one(published(sender_name="Zoé of Atelier"))
    assert (found.sender.name, found.sender.address) == ("Zoé of Atelier", "hello@example.org")


def test_transactional_mail_has_no_way_out():
    message = published(stream=Stream.TRANSACTIONAL, basis=Basis.TRANSACTION)
    found = one(message)
    assert found.unsubscribe_url == ""
    assert "unsubscribe" not in found.rendered.text.lower()


def test_a_confirmation_is_written_from_the_list_and_holds_the_link():
    news = mailing_list(name="{{ contact.email }} <b>News</b>", public_description="Each\nweek")
    person = contact()
    Subscription.objects.create(contact=person, mailing_list=news, status="pending", requested_at=clock.now())
    found = one(
        None,
        to=person,
        kind=Delivery.Kind.CONFIRMATION,
        stream=Stream.TRANSACTIONAL,
        basis=Basis.TRANSACTION,
        message_key=None,
        mailing_list=news,
    )
    assert found.revision_id is None
    assert found.rendered.subject == "Please confirm: {{ contact.email }} <b>News</b>"
    assert "<b>News</b>" not in found.rendered.html
    assert "/confirm/" in found.rendered.text
    assert "Each\nweek" in found.rendered.text


def test_a_site_without_a_name_is_called_by_its_address():
    Site.objects.filter(is_default_site=True).update(site_name="", hostname="atelier.example")
    assert one(published(subject="{{ site.name }}")).rendered.subject == "atelier.example"


def test_who_is_subscribed_already_is_told_so_without_a_link():
    found = one(
        None,
        kind=Delivery.Kind.ALREADY_SUBSCRIBED,
        stream=Stream.TRANSACTIONAL,
        basis=Basis.TRANSACTION,
        message_key=None,
        mailing_list=mailing_list(),
    )
    assert "already subscribed" in found.rendered.subject
    assert "confirm/" not in found.rendered.text


def test_a_confirmation_without_its_subscription_is_a_reason_to_skip():
    row = delivery(kind=Delivery.Kind.CONFIRMATION, message_key=None, mailing_list=mailing_list())
    assert prepare([row])[row.pk] == NotPrepared("not_pending")


def test_the_active_language_is_left_as_it_was():
    message = published("fr")
    with translation.override("pl"):
        one(message)
        assert translation.get_language() == "pl"


def queries_of(rows):
    fresh = list(Delivery.objects.filter(pk__in=[row.pk for row in rows]))
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert len(prepare(fresh)) == len(rows)
    return len(captured)


@pytest.mark.django_db(transaction=True)  # as the worker does it: in a transaction the signing key isn't kept
def test_a_batch_asks_the_database_no_more_often_than_one_delivery(orders):
    message = published(body=[("heading", "Hi"), ("order_lines", {})])
    translated(message, "fr", "Nouvelles")
    news = mailing_list()

    def some(count, kind="message"):
        return [
            delivery(
                message, to=contact(f"{kind}{n}@example.org"), mailing_list=news, context={"subject": f"order:{n}"}
            )
            for n in range(count)
        ]

    few, many = some(2, "few"), some(12, "many")
    queries_of(few)
    assert queries_of(many) == queries_of(few)
    assert len(orders[-1]) == 2
    assert len(orders) == 3


@pytest.mark.django_db(transaction=True)
def test_rendering_asks_the_database_nothing(orders, django_assert_num_queries):
    """The mail after the next is made while the database is busy with the next."""
    message = published(body=[("heading", "Hi {{ contact.first_name }}"), ("order_lines", {})])
    rows = [
        delivery(message, mailing_list=mailing_list(), context={"subject": "order:1"}),
        delivery(kind=Delivery.Kind.ALREADY_SUBSCRIBED, message_key=None, mailing_list=mailing_list()),
    ]
    made = ready_mails(list(Delivery.objects.filter(pk__in=[row.pk for row in rows]).select_related("contact")))
    with django_assert_num_queries(0):
        assert [type(one) for one in made] == [Ready, Ready]


def test_made_in_code_a_message_is_not_live_until_it_is_published():
    assert Message(name="x").live is False


def test_unknown_subjects_are_nothing_to_speak_of(orders):
    message = published(subject="Order {{ order.number }}!")
    assert one(message, context={"subject": f"order:{uuid.uuid4()}"}).rendered.subject == "Order !"


@pytest.mark.parametrize("locale", ["en", "fr", "pl"])
@pytest.mark.parametrize("kind", [Delivery.Kind.CONFIRMATION, Delivery.Kind.ALREADY_SUBSCRIBED])
def test_no_translation_breaks_the_fixed_mails(kind, locale):
    news, person = mailing_list(), contact()
    Subscription.objects.create(contact=person, mailing_list=news, status="pending", requested_at=clock.now())
    row = delivery(kind=kind, to=person, message_key=None, mailing_list=news, locale=locale)
    found = prepare([row])[row.pk]
    assert isinstance(found, Prepared)
    assert not found.rendered.problems
    assert "Weekly news" in found.rendered.subject
    assert "{{" not in found.rendered.text
