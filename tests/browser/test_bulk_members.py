"""Contacts are chosen in their listing, all of it after a search too, and put into a segment, in Chromium."""

import re

import pytest

from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from wagtail_flows.contacts.models import Contact
from wagtail_flows.lib import clock
from wagtail_flows.segments.membership import members
from wagtail_flows.segments.models import Segment


pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def tab(page, live_server, wagtail_site, admin_user):
    client = Client()
    client.force_login(admin_user)
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": client.session.session_key, "url": live_server.url}
    page.context.add_cookies([cookie])
    return page


def test_all_that_a_search_left_is_put_into_a_segment(tab, live_server):
    segment = Segment.objects.create(name="Regulars", kind="static")
    Contact.objects.bulk_create(
        Contact(address=f"{name}{number}@x.fr", key=f"{name}{number}@x.fr", key_hash=f"{name}{number}", created_at=now)
        for now in [clock.now()]
        for name, count in (("anna", 60), ("bob", 5))
        for number in range(count)
    )
    tab.goto(live_server.url + reverse("flows_contacts:index"))
    # Leaving the search field asks once more; what was ticked before that answer is forgotten.
    tab.get_by_role("textbox", name="Search term").fill("anna")
    tab.get_by_role("textbox", name="Search term").blur()
    expect(tab.get_by_text("60 contacts")).to_be_visible()
    tab.wait_for_load_state("networkidle")
    tab.locator("thead [data-bulk-action-select-all-checkbox]").check()
    tab.get_by_role("button", name=re.compile("Select all in listing")).click()
    tab.get_by_role("link", name="Add the selected contacts to a segment").click()
    expect(tab.get_by_text("60 contacts are selected")).to_be_visible()
    tab.get_by_label("Segment").select_option("Regulars")
    tab.get_by_role("button", name="Add to a segment").click()
    expect(tab.get_by_text("60 contacts are new in")).to_be_visible()
    assert members(segment).count() == 60
    assert not members(segment).filter(address__startswith="bob").exists()
