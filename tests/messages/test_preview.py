"""The preview: made-up data, nothing that runs, and only for those who may see it."""

import pytest

from bs4 import BeautifulSoup
from django.contrib.auth.models import Permission
from django.test import RequestFactory
from django.urls import reverse
from wagtail.test.utils.form_data import nested_form_data, streamfield

from tests.messages.writing import contact, draft, published
from wagtail_flows.messages.models import Message


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("wagtail_site")]

BODY = [
    ("heading", "Hello {{ contact.first_name }}"),
    ("text", "<p>Order {{ order.number }}: {{ order.total }}</p>"),
    ("order_lines", {"review_link_text": "Write a review", "has_pictures": True}),
    ("button", {"label": "Shop", "url": "{{ shop.url }}"}),
]


def preview(message, mode="html"):
    response = message.serve_preview(RequestFactory().get("/"), mode)
    return response.render() if hasattr(response, "render") else response


def test_html_is_the_mail_itself_with_sample_data():
    contact("real@example.org", first_name="Real")
    page = BeautifulSoup(preview(draft(body=BODY)).content, "html.parser")
    assert page.h1.get_text() == "Hello Camille"
    assert "Order 1042: €41.90" in page.get_text()
    assert "Chestnut honey" in page.get_text()
    assert "Real" not in page.get_text()
    assert all(picture["src"].startswith("data:image/svg+xml,") for picture in page("img"))


def test_text_is_the_text_part_with_its_headers():
    page = BeautifulSoup(preview(draft(body=BODY, preheader="Soon"), "text").content, "html.parser")
    words = page.get_text()
    for expected in ("News for Camille", "Soon", "Hello Camille\n=", "Write a review\n  https://", "hello@example.org"):
        assert expected in words


@pytest.mark.parametrize("mode", ["html", "text", "no such mode"])
def test_nothing_may_run_or_be_fetched_and_only_the_admin_may_frame_it(mode):
    response = preview(draft(body=BODY), mode)
    assert response["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; img-src * data:; frame-ancestors 'self'"
    )
    assert b"<script" not in response.content


@pytest.mark.parametrize("mode", ["html", "text"])
def test_what_cannot_be_rendered_shows_why(mode):
    page = preview(draft(subject="{{ a b }}"), mode).content.decode()
    assert "This e-mail can't be shown yet" in page
    assert "{{ a b }}" in page


def test_an_empty_new_message_can_be_previewed():
    assert preview(Message(subject="Hi")).status_code == 200


def test_dates_and_money_are_as_in_the_language_of_the_message():
    words = BeautifulSoup(preview(draft("fr", body=BODY)).content, "html.parser").get_text()
    assert "41,90\xa0€" in words


@pytest.fixture
def editor(django_user_model, client):
    """Somebody who may enter the admin and nothing else."""
    user = django_user_model.objects.create_user("editor", "editor@example.org", "password")
    user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    client.force_login(user)
    return user


def urls(message):
    return [
        reverse("flows_messages:preview_on_add"),
        reverse("flows_messages:preview_on_edit", args=[message.pk]),
        reverse("flows_messages:revisions_view", args=[message.pk, message.latest_revision.pk]),
    ]


def test_who_may_not_change_messages_sees_no_preview(client, editor):
    for url in urls(published()):
        assert client.get(url).status_code in (302, 403)
        assert client.post(url, form_of("Hi")).status_code in (302, 403, 405)


def test_who_is_not_logged_in_sees_no_preview(client):
    for url in urls(published()):
        response = client.get(url)
        assert response.status_code == 302
        assert "login" in response["Location"]


def form_of(heading):
    body = streamfield([("heading", {"text": heading})])
    given = {"name": "N", "subject": "S", "stream": "commercial", "basis": "subscription", "body": body}
    return nested_form_data(given)


def test_who_may_change_messages_sees_what_is_being_written(client, editor):
    editor.user_permissions.add(*Permission.objects.filter(codename__in=["add_message", "change_message"]))
    message = published(body=BODY)
    for url in urls(message)[:2]:
        assert client.post(url, form_of("Still {{ contact.first_name }}")).json() == {
            "is_valid": True,
            "is_available": True,
        }
        response = client.get(url)
        assert b"Still Camille" in response.content
        assert "default-src 'none'" in response["Content-Security-Policy"]
        assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert b"Hello Camille" in client.get(urls(message)[2]).content
