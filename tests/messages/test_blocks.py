"""The blocks of a message: checked where they are, shown in the picker, and plain in migrations."""

import pytest

from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.urls import reverse

from wagtail_flows.messages.blocks import BodyBlock
from wagtail_flows.messages.freezing import frozen
from wagtail_flows.messages.models import Message
from wagtail_flows.messages.parts import Button, Heading, OrderLines, Text


BODY = BodyBlock()


def value_of(*blocks):
    return BODY.normalize(list(blocks))


def complaints(*blocks, deferred=False):
    """Index → field → sentence."""
    try:
        (BODY.clean_deferred if deferred else BODY.clean)(value_of(*blocks))
    except ValidationError as error:
        return {
            i: {name: e.messages[0] for name, e in block.block_errors.items()}
            for i, block in error.block_errors.items()
        }
    return {}


def test_a_body_becomes_frozen_parts_with_the_ids_of_its_blocks():
    body = BODY.to_python(
        [
            {"type": "heading", "value": {"text": "A"}, "id": "1"},
            {"type": "text", "value": {"text": "<p>B</p>"}, "id": "2"},
            {"type": "button", "value": {"label": "C", "url": "/c/"}, "id": "3"},
            {"type": "order_lines", "value": {"review_link_text": "D", "has_pictures": False}, "id": "4"},
        ]
    )
    assert frozen(body) == (
        Heading("A", "1"),
        Text("<p>B</p>", "2"),
        Button("C", "/c/", "3"),
        OrderLines("D", False, "4"),
    )


def test_headings_and_texts_may_be_given_as_the_text_alone():
    assert [type(part) for part in frozen(value_of(("heading", "A"), ("text", "<p>B</p>")))] == [Heading, Text]
    assert frozen(BODY.to_python([{"type": "heading", "value": "A", "id": "1"}])) == (Heading("A", "1"),)


@pytest.mark.django_db
def test_links_to_pages_are_looked_up(wagtail_site):
    page = wagtail_site.root_page
    (part,) = frozen(value_of(("text", f'<p><a linktype="page" id="{page.pk}">Home</a></p>')))
    assert f'href="{page.url}"' in part.html


@pytest.mark.parametrize(
    ("block", "field"),
    [
        (("heading", "{{ contact.first_name | upcas }}"), "text"),
        (("text", "<p>{% if contact.first_name %}</p>"), "text"),
        (("button", {"label": "{{", "url": "https://a.example/"}), "label"),
        (("button", {"label": "a", "url": "javascript:alert(1)"}), "url"),
        (("button", {"label": "a", "url": "www.example.org"}), "url"),
        (("button", {"label": "a", "url": "javascript:{{ contact.email }}"}), "url"),
        (("order_lines", {"review_link_text": "{{ a b }}", "has_pictures": True}), "review_link_text"),
        (("heading", ""), "text"),
    ],
)
def test_what_cannot_be_published_is_said_at_its_field_and_a_draft_may_still_be_saved(block, field):
    found = complaints(("heading", "fine"), block)
    assert list(found) == [1]
    assert list(found[1]) == [field]
    assert found[1][field]
    assert complaints(("heading", "fine"), block, deferred=True) == {}


@pytest.mark.parametrize(
    "url", ["https://a.example/", "/path/", "mailto:a@example.org", "{{ shop.url }}/x", "https://{{ a }}.example"]
)
def test_addresses_with_and_without_variables_are_fine(url):
    assert complaints(("button", {"label": "a", "url": url})) == {}


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["heading", "text", "button", "order_lines"])
def test_the_picker_shows_each_block_rendered(name, client, admin_user):
    client.force_login(admin_user)
    block = BODY.child_blocks[name]
    assert block.is_previewable
    page = client.get(reverse("wagtailadmin_block_preview"), {"id": block.definition_prefix})
    soup = BeautifulSoup(page.content, "html.parser")
    assert page.status_code == 200
    assert soup.find(class_="card")
    assert "{{" not in soup.get_text()
    assert not soup("script")


def test_migrations_name_no_class_of_ours():
    field = Message._meta.get_field("body")
    _name, _path, args, kwargs = field.deconstruct()
    assert "wagtail_flows" not in repr((args, kwargs["block_lookup"]))
