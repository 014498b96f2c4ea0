"""Rules are made in the admin, in Chromium: by the keys alone, in French, in the dark, with anything in them."""

import json
import os

from pathlib import Path

import pytest

from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect
from wagtail.users.models import UserProfile

from tests.drawing import key
from wagtail_flows.contacts.models import MailingList
from wagtail_flows.contacts.verbs import get_or_create_contact
from wagtail_flows.lib import clock
from wagtail_flows.segments.models import Segment


pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HOSTILE = '</script><img src=x onerror="document.title=1">\u202e{{ 7*7 }}'
PICTURES = os.environ.get("RULE_EDITOR_PICTURES")


@pytest.fixture
def owner(wagtail_site, admin_user):
    for name, locale in (("anna", "fr"), ("bob", "de"), ("chloe", "fr")):
        get_or_create_contact(f"{name}@example.org", locale=locale, first_name=name.title(), now=clock.now())
    MailingList.objects.create(name="News", public_name="News", public_id=key("club"))
    MailingList.objects.create(name="Offers", public_name="Offers", public_id=key("offers"))
    return admin_user


@pytest.fixture
def tab(page, live_server, owner):
    """A tab of the owner that holds every complaint of the page against the test."""
    client = Client()
    client.force_login(owner)
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": client.session.session_key, "url": live_server.url}
    page.context.add_cookies([cookie])
    page.set_viewport_size({"width": 1280, "height": 1000})
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert complaints == []


def prefer(owner, *, theme="light", language="en"):
    profile = UserProfile.get_for_user(owner)
    profile.theme, profile.preferred_language = theme, language
    profile.save()


def segment_with(rule):
    return Segment.objects.create(name="People", rule=rule)


def edit(tab, live_server, segment):
    tab.goto(live_server.url + reverse("flows_segments:edit", args=[segment.pk]))
    expect(tab.locator(".flows-rule")).to_be_visible()


def picture(tab, name, *, is_whole=True):
    """For who wants to look at it: RULE_EDITOR_PICTURES names a folder."""
    if not PICTURES:
        return
    size = tab.viewport_size
    if is_whole:
        tab.set_viewport_size({**size, "height": 2200})
    tab.wait_for_timeout(700)
    tab.screenshot(path=Path(PICTURES) / f"{name}.png")
    tab.set_viewport_size(size)


def save(tab):
    tab.get_by_role("button", name="Save").click()
    tab.wait_for_url("**/segments/**")
    expect(tab.locator(".messages")).to_contain_text("People")


def type_into_field(tab, words):
    """The focus is in the field of a new condition: look for one, take the first found."""
    focused = tab.locator("*:focus")
    expect(focused).to_have_attribute("aria-label", "Field")
    tab.keyboard.type(words)
    tab.keyboard.press("Enter")


CLAUSE = {"field": "contact.locale", "operator": "is", "value": "fr"}
NESTED = {
    "match": "all",
    "rules": [
        CLAUSE,
        {
            "match": "any",
            "rules": [{"field": "list.subscribed", "operator": "in_any_of", "value": [str(key("offers"))]}],
        },
    ],
}


def test_a_nested_rule_is_made_with_the_keys_alone_and_reads_back_the_same(tab, live_server):
    segment = segment_with({})
    edit(tab, live_server, segment)
    expect(tab.locator(".flows-rule__count")).to_have_text("3 people")

    tab.get_by_role("button", name="Add a condition").focus()
    tab.keyboard.press("Enter")
    type_into_field(tab, "language")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Tab")
    tab.keyboard.type("fr")
    expect(tab.locator(".flows-rule__count")).to_have_text("2 people")
    expect(tab.locator(".flows-rule__people li")).to_have_count(2)

    tab.get_by_role("button", name="Add a group").focus()
    tab.keyboard.press("Enter")
    group = tab.get_by_role("group", name="Group: all of these hold")
    group.get_by_label("People for whom").focus()
    tab.keyboard.press("ArrowDown")
    group = tab.get_by_role("group", name="Group: at least one of these holds")
    group.get_by_role("button", name="Add a condition").focus()
    tab.keyboard.press("Enter")
    type_into_field(tab, "lists subscribed")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Tab")
    tab.keyboard.type("offe")
    expect(tab.get_by_role("option", name="Offers")).to_be_visible()
    tab.keyboard.press("Enter")
    expect(group.locator(".flows-rule__chip")).to_have_text("Offers")
    expect(tab.locator(".flows-rule__count")).to_have_text("0 people")
    expect(tab.locator(".flows-rule__sentence")).to_contain_text("Offers")
    picture(tab, "keyboard")

    save(tab)
    segment.refresh_from_db()
    assert segment.rule == NESTED
    edit(tab, live_server, segment)
    assert json.loads(tab.locator("textarea[name=rule]").input_value()) == NESTED


def test_opening_a_segment_changes_nothing(tab, live_server):
    segment = segment_with({"match": "all", "rules": [{"field": "gone.field", "operator": "x", "value": [1], "z": {}}]})
    edit(tab, live_server, segment)
    changes = "window.changes = 0; document.addEventListener('change', () => window.changes++)"
    tab.evaluate(changes)
    expect(tab.locator(".flows-rule__problems")).to_contain_text("doesn't exist any more")
    expect(tab.locator(".flows-rule__leftovers")).to_contain_text("z: {}")
    assert tab.evaluate("window.changes") == 0
    assert json.loads(tab.locator("textarea[name=rule]").input_value()) == segment.rule
    picture(tab, "gone")


def test_parts_move_by_the_keys_into_groups_and_out_of_them_and_back(tab, live_server):
    edit(tab, live_server, segment_with(NESTED))
    written = tab.locator("textarea[name=rule]")
    condition = tab.get_by_role("group", name="Condition: language")
    condition.get_by_role("button", name="Move down").focus()
    tab.keyboard.press("Enter")
    assert [len(json.loads(written.input_value())["rules"]), written.input_value().count("contact.locale")] == [1, 1]
    expect(tab.locator("*:focus")).to_have_attribute("aria-label", "Move down")
    tab.keyboard.press("Alt+ArrowUp")
    assert json.loads(written.input_value()) == NESTED


def test_a_part_is_dragged_with_the_keys_and_with_the_mouse(tab, live_server):
    edit(tab, live_server, segment_with(NESTED))
    written = tab.locator("textarea[name=rule]")
    handle = tab.get_by_role("group", name="Condition: language").get_by_role("button", name="Drag")
    handle.focus()
    tab.keyboard.press("Space")
    tab.wait_for_timeout(200)
    tab.keyboard.press("ArrowDown")
    tab.wait_for_timeout(200)
    tab.keyboard.press("Space")
    expect(written).to_have_value(json.dumps({**NESTED, "rules": [{**NESTED["rules"][1], "rules": [
        CLAUSE, *NESTED["rules"][1]["rules"]]}]}, separators=(",", ":")))  # fmt: skip

    handle.hover()
    tab.mouse.down()
    first = tab.locator(".flows-rule__gap").first.bounding_box()
    tab.mouse.move(first["x"] + 5, first["y"] + 30)
    tab.mouse.move(first["x"] + 5, first["y"] + 4, steps=5)
    picture(tab, "dragging", is_whole=False)
    tab.mouse.up()
    expect(written).to_have_value(json.dumps(NESTED, separators=(",", ":")))


def test_hostile_text_is_text(tab, live_server):
    rule = {
        "match": "any",
        "rules": [
            {"field": "contact.first_name", "operator": "is_one_of", "value": [HOSTILE, "b"]},
            {"field": HOSTILE, "operator": HOSTILE, "value": {HOSTILE: HOSTILE}},
            HOSTILE,
        ],
    }
    edit(tab, live_server, segment_with(rule))
    expect(tab.locator(".flows-rule__problems li").first).to_be_visible()
    assert tab.title() != "1"
    assert json.loads(tab.locator("textarea[name=rule]").input_value()) == rule
    picture(tab, "hostile")


def test_a_lost_session_and_a_lost_connection_are_said_plainly(tab, live_server):
    edit(tab, live_server, segment_with({"match": "all", "rules": [CLAUSE]}))
    count = tab.locator(".flows-rule__count")
    expect(count).to_have_text("2 people")
    tab.route("**/count/", lambda route: route.abort())
    tab.get_by_role("button", name="Duplicate").click()
    expect(count).to_contain_text("no connection")
    tab.unroute("**/count/")
    tab.get_by_role("button", name="Try again").click()
    expect(count).to_have_text("2 people")
    tab.context.clear_cookies()
    tab.get_by_role("button", name="Undo").click()
    expect(count).to_contain_text("session has ended")


def test_the_editor_speaks_french(tab, live_server, owner):
    prefer(owner, language="fr")
    edit(tab, live_server, segment_with(NESTED))
    expect(tab.get_by_role("button", name="Ajouter une condition").first).to_be_visible()
    expect(tab.locator(".flows-rule__count")).to_contain_text("personne")
    picture(tab, "french")


LONG_IN_FRENCH = [
    {"field": "order.count", "operator": "at_least", "value": 2},
    {"field": "order.last_at", "operator": "in_last_days", "value": 30},
    {"field": "order.last_at", "operator": "more_than_days_ago", "value": 180},
    {"field": "contact.created_at", "operator": "in_last_days", "value": 7},
]
# The names of fields and comparisons that don't fit where they stand.
CUT = """
() => [...document.querySelectorAll(".flows-rule__line :is(select, input[type=text])")].filter((input) => {
  const style = getComputedStyle(input)
  const pen = document.createElement("canvas").getContext("2d")
  pen.font = style.font
  const words = input.tagName === "SELECT" ? input.selectedOptions[0].text : input.value
  const room = input.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight)
  return pen.measureText(words).width > room + 1
}).map((input) => input.value)
"""


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_cut_in_french(tab, live_server, owner, width):
    prefer(owner, language="fr")
    tab.set_viewport_size({"width": width, "height": 1000})
    edit(
        tab,
        live_server,
        segment_with({"match": "all", "rules": [*LONG_IN_FRENCH, {"match": "any", "rules": LONG_IN_FRENCH}]}),
    )
    expect(tab.get_by_label("Comparaison")).to_have_count(8)
    picture(tab, f"long-{width}")
    assert tab.evaluate(CUT) == []


def test_the_editor_fits_the_dark_and_a_phone(tab, live_server, owner):
    prefer(owner, theme="dark")
    tests = [{"name": "total", "operator": "at_least", "value": "50"}]
    event = {"field": "event.order.placed", "operator": "at_least", "value": 2}
    rule = {
        "match": "none",
        "rules": [
            *NESTED["rules"],
            {"field": "engagement.opened", "operator": "never", "options": {"within_days": 90, "by": "human"}},
            {"field": "contact.created_at", "operator": "between", "value": ["2024-01-01", "2024-02-01"]},
            {**event, "options": {"where": tests, "within_days": 30}},
        ],
    }
    edit(tab, live_server, segment_with(rule))
    picture(tab, "dark")
    tab.set_viewport_size({"width": 390, "height": 844})
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    box = tab.locator(".flows-rule__line").nth(2).bounding_box()
    assert box["x"] + box["width"] <= 390
    picture(tab, "phone")


def test_without_javascript_the_rule_is_read_in_words_and_kept(browser, live_server, owner):
    segment = segment_with(NESTED)
    client = Client()
    client.force_login(owner)
    context = browser.new_context(java_script_enabled=False)
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": client.session.session_key, "url": live_server.url}
    context.add_cookies([cookie])
    tab = context.new_page()
    tab.goto(live_server.url + reverse("flows_segments:edit", args=[segment.pk]))
    words = tab.locator("[data-flows-rule=words]")
    assert words.is_visible()
    assert "Offers" in words.inner_text()
    context.close()


def test_two_hundred_conditions_can_be_typed_in(tab, live_server):
    rule = {"match": "any", "rules": [{"match": "all", "rules": [CLAUSE] * 20} for _group in range(10)]}
    edit(tab, live_server, segment_with(rule))
    expect(tab.locator(".flows-rule__count")).to_have_text("2 people")
    value = tab.get_by_label("Value").nth(150)
    value.fill("")
    started = tab.evaluate("performance.now()")
    value.press_sequentially("francophone")
    took = tab.evaluate("performance.now()") - started
    assert (
        json.loads(tab.locator("textarea[name=rule]").input_value())["rules"][7]["rules"][10]["value"] == "francophone"
    )
    # Eleven letters, on any machine: a person types slower than this.
    assert took < 5000, took


def test_the_fields_are_found_by_their_group_and_without_accents(tab, live_server, owner):
    prefer(owner, language="fr")
    edit(tab, live_server, segment_with({}))
    tab.get_by_role("button", name="Ajouter une condition").click()
    picture(tab, "fields", is_whole=False)
    tab.keyboard.type("EVENEMENTS")
    found = tab.get_by_role("listbox").get_by_role("option")
    expect(found.first).to_be_visible()
    picture(tab, "found", is_whole=False)
    tab.keyboard.press("Escape")
    expect(found).to_have_count(0)
