"""The form of a message: lenient while it is written, strict when it goes out."""

import pytest

from django.db import IntegrityError, transaction
from django.urls import reverse
from wagtail.models import Locale
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from tests.messages.writing import draft, published
from wagtail_flows.messages.checking import problems_of
from wagtail_flows.messages.context import known_names
from wagtail_flows.messages.models import Message


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("wagtail_site")]


@pytest.fixture
def office(client, admin_user):
    client.force_login(admin_user)
    return client


def form(*blocks, **fields):
    body = streamfield(
        [(kind, {name: rich_text(v) if kind == "text" else v for name, v in value.items()}) for kind, value in blocks]
    )
    given = {
        "name": "News",
        "subject": "Hello",
        "preheader": "",
        "sender_name": "",
        "stream": "commercial",
        "basis": "subscription",
        "body": body,
        **fields,
    }
    return nested_form_data(given)


def create(office, *blocks, **fields):
    return office.post(reverse("flows_messages:add"), form(*blocks, **fields))


def errors_of(response):
    return {name: list(errors) for name, errors in response.context["form"].errors.items()}


def test_a_message_is_written_and_published(office):
    create(
        office,
        ("heading", {"text": "Hi {{ contact.first_name }}"}),
        ("text", {"text": "<p>Yes</p>"}),
        **{"action-publish": "1"},
    )
    message = Message.objects.get()
    assert message.live
    assert message.live_revision is not None
    assert message.body[0].value["text"] == "Hi {{ contact.first_name }}"


def test_a_draft_may_be_half_written(office):
    create(office, ("heading", {"text": "{{ contact."}), subject="{% if", basis="transaction")
    message = Message.objects.get()
    assert not message.live
    assert message.get_latest_revision_as_object().subject == "{% if"


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"subject": "{{ contact."}, "subject"),
        ({"preheader": "{{ contact.first_name | upcas }}"}, "preheader"),
        ({"subject": ""}, "subject"),
        ({"basis": "transaction"}, "basis"),
        ({"stream": "transactional"}, "basis"),
        ({"stream": "transactional", "basis": "transaction", "asks_for_review": "on"}, "stream"),
    ],
)
def test_what_is_wrong_is_refused_at_its_field_when_publishing(office, fields, place):
    response = create(office, ("heading", {"text": "Hi"}), **{"action-publish": "1", **fields})
    assert list(errors_of(response)) == [place]
    assert not Message.objects.filter(live=True).exists()


def test_broken_liquid_in_a_block_is_refused_when_publishing(office):
    response = create(office, ("heading", {"text": "{{ a b }}"}), **{"action-publish": "1"})
    assert list(errors_of(response)) == ["body"]
    assert not Message.objects.filter(live=True).exists()


@pytest.mark.parametrize(
    ("stream", "basis"),
    [("commercial", "subscription"), ("commercial", "existing_customer"), ("transactional", "transaction")],
)
def test_these_go_together(office, stream, basis):
    create(office, ("heading", {"text": "Hi"}), stream=stream, basis=basis, **{"action-publish": "1"})
    assert Message.objects.get().live


def test_unknown_variables_are_warnings_at_their_place():
    message = draft(
        body=[("heading", "{{ contact.frist_name }}"), ("button", {"label": "a", "url": "{{ shoop.url }}"})]
    )
    found = [(problem.step, problem.field, problem.is_warning) for problem in problems_of(message, known_names())]
    first, second = message.body
    assert found == [(first.id, "text", True), (second.id, "url", True)]


def test_the_editor_lists_what_should_be_looked_at(office):
    message = draft(body=[("heading", "fine"), ("heading", "{{ contact.frist_name }}")])
    page = office.get(reverse("flows_messages:edit", args=[message.pk])).content.decode()
    assert "contact.frist_name" in page
    assert "2. Heading, Text" in page


def test_a_message_without_problems_has_no_list_of_them(office):
    page = office.get(reverse("flows_messages:edit", args=[published().pk])).content.decode()
    assert "To be looked at" not in page


def test_a_language_has_one_translation_of_a_message():
    message = draft()
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.create(locale=message.locale, translation_key=message.translation_key, name="x", subject="x")


def test_a_translation_just_begun_is_not_live():
    copy = published().copy_for_translation(Locale.objects.get(language_code="fr"))
    copy.save()
    assert (copy.live, copy.live_revision, copy.latest_revision) == (False, None, None)
