"""The pictures of the how-tos, taken in the demo of the tutorial when that is done: a scenario comes from a file, is
started by hand, changed, and watched.
"""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.stage import Stage


INVITATION = """\
format: 1
name: Invitation to a tasting
triggers:
  - id: chosen
    kind: manual
exits: []
start: pause
steps:
  - id: pause
    kind: wait
    amount: 3
    unit: days
    after: entry
    late: null
    outlets:
      next: invite
  - id: invite
    kind: send_email
    message: "Welcome 3: at your table"
    list: Newsletter
    outlets:
      next: reserve
  - id: reserve
    kind: call_webhook
    webhook: Table reservations
    contact: [email, mobile]
    event: false
    data: {source: tasting}
    outlets:
      next: remind
  - id: remind
    kind: send_sms
    text: "Tomorrow at six: bread, butter and you. {{ links.unsubscribe }}"
    phone: mobile
    basis: subscription
    list: Newsletter
    outlets:
      next: end
  - id: end
    kind: exit
    reason: done
    reenter: at_once
"""
GUESTS = (("Claire", "Dubois"), ("David", "Nowak"), ("Emma", "Rossi"))
NAME = "Invitation to a tasting"


def show(stage: Stage) -> None:
    """Every picture of the how-tos that the tutorial has none of."""
    know_guests(stage)
    make_segment(stage)
    make_key(stage)
    make_endpoint(stage)
    import_scenario(stage)
    start_by_hand(stage)
    change_it(stage)
    compare_versions(stage)
    set_limits(stage)
    need_attention(stage)


def know_guests(stage: Stage) -> None:
    page = stage.page
    stage.open("/admin/flows/properties/new/")
    page.fill("#id_label", "Mobile")
    page.fill("#id_name", "mobile")
    page.click("main form [type=submit]")
    stage.expect_success()
    for first_name, last_name in GUESTS:
        stage.open("/admin/flows/contacts/new/")
        page.fill("#id_address", f"{first_name.lower()}@example.org")
        page.fill("#id_first_name", first_name)
        page.fill("#id_last_name", last_name)
        page.click("main form [type=submit]")
        stage.expect_success()


def make_segment(stage: Stage) -> None:
    page = stage.page
    stage.open("/admin/flows/segments/start/")
    page.get_by_role("heading", name="Start from a recipe").wait_for()
    stage.picture("segment-start", height=900)
    page.get_by_role("link", name="Never bought").click()
    page.fill("#id_name", "Friends who never bought")
    page.get_by_role("button", name="Add a group").first.click()
    group = page.get_by_role("group", name="Group: all of these hold")
    group.get_by_label("People for whom").select_option(label="at least one of these holds")
    group = page.get_by_role("group", name="Group: at least one of these holds")
    for field, value in (("lists subscribed", "Recipes"), ("address domain", "example.org")):
        add_condition(page, group, field, value)
    expect(page.locator(".flows-rule__count")).to_have_text("4 people")
    expect(page.locator(".flows-rule__people li")).to_have_count(4)
    page.evaluate("document.activeElement.blur()")
    stage.picture("segment-edit", height=1300)
    page.click("main form button[type=submit]")
    stage.expect_success()
    stage.open("/admin/flows/segments/")
    stage.picture("segments", height=600)
    page.get_by_role("link", name="Friends who never bought").first.click()
    page.get_by_role("heading", name="Used by").wait_for()
    stage.picture("segment", height=1000)


def add_condition(page: Page, group: Locator, field: str, value: str) -> None:
    """By the keys: the field is looked for by words of its name."""
    group.get_by_role("button", name="Add a condition").click()
    page.keyboard.type(field)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type(value)
    page.wait_for_timeout(500)
    page.keyboard.press("Enter")


def make_key(stage: Stage) -> None:
    page = stage.page
    stage.open("/admin/flows/api_keys/new/")
    page.fill("#id_name", "Loyalty programme")
    page.get_by_label("Record events").check()
    stage.picture("api-key", height=600)


def make_endpoint(stage: Stage) -> None:
    page = stage.page
    stage.open("/admin/flows/webhook_endpoints/new/")
    page.fill("#id_name", "Table reservations")
    page.fill("#id_url", "https://tables.example/hooks/guests")
    page.click("main form [type=submit]")
    stage.expect_success()
    open_row(stage, "webhook_endpoints", "Table reservations")
    stage.picture("webhook-endpoint", height=700)


def import_scenario(stage: Stage) -> None:
    page = stage.page
    stage.open("/admin/flows/scenarios/import/")
    page.set_input_files(
        "input[type=file]",
        {"name": "tasting.yaml", "mimeType": "application/yaml", "buffer": INVITATION.encode()},
    )
    page.get_by_role("button", name="Show what would change").click()
    page.get_by_role("heading", name="is new").wait_for()
    stage.picture("import")
    page.get_by_role("button", name="Save as a draft").click()
    stage.expect_success()
    edit(stage)
    press_publish(stage)
    stage.expect_success()
    open_row(stage, "scenarios", NAME)
    stage.picture("scenario-with-channels", height=900)


def start_by_hand(stage: Stage) -> None:
    page = stage.page
    stage.open("/admin/flows/contacts/")
    for first_name, _last_name in GUESTS:
        page.get_by_role("row").filter(has_text=f"{first_name.lower()}@").get_by_role("checkbox").check()
    page.get_by_role("link", name="Start a scenario for the selected contacts").click()
    page.get_by_role("button", name="Start a scenario").click()
    page.get_by_role("heading", name="Start a scenario").wait_for()
    stage.picture("start-by-hand", height=700)
    page.get_by_role("button", name="Start it").click()
    stage.expect_success()


def change_it(stage: Stage) -> None:
    page = stage.page
    edit(stage)
    changed = page.input_value("#id_graph")
    for before, after in (('"amount": 3', '"amount": 5'), ('"pause"', '"patience"'), ("at six", "at seven")):
        assert before in changed
        changed = changed.replace(before, after)
    page.fill("#id_graph", changed)
    press_publish(stage)
    page.get_by_role("heading", name="What publishing will do").wait_for()
    page.get_by_label("They move to the new version.").check()
    page.locator("select[name=to-pause]").select_option("patience")
    page.get_by_role("button", name="Show the numbers by this plan").click()
    expect(page.locator("select[name=to-pause]")).to_have_value("patience")
    stage.picture("publish-plan", height=1000)
    page.get_by_role("button", name="Publish", exact=True).click()
    stage.expect_success()


def compare_versions(stage: Stage) -> None:
    page = stage.page
    open_row(stage, "scenarios", NAME)
    page.goto(re.sub(r"/inspect/(\d+)/", r"/compare/\1/?before=1&after=2", page.url))
    page.get_by_text("became").first.wait_for()
    stage.picture("versions-compared", height=700)


def set_limits(stage: Stage) -> None:
    open_row(stage, "scenarios", NAME)
    stage.page.get_by_text("Set limits").first.click()
    stage.picture("limits", height=1100)


def need_attention(stage: Stage) -> None:
    page = stage.page
    open_row(stage, "scenarios", "Ask for a review")
    page.get_by_role("button", name="Pause").click()
    stage.expect_success()
    open_row(stage, "messages", "Recipes 2: the starter")
    page.goto(re.sub(r"/inspect/(\d+)/", r"/unpublish/\1/", page.url))
    page.click("main form [type=submit]")
    stage.expect_success()
    stage.open("/admin/flows/attention/")
    stage.picture("attention", height=700)


def open_row(stage: Stage, kind: str, name: str) -> None:
    """The page of what a listing calls so."""
    page = stage.page
    stage.open(f"/admin/flows/{kind}/")
    page.locator("main table").get_by_role("link", name=name, exact=True).first.click()
    page.wait_for_load_state("load")
    if "/inspect/" not in page.url:
        page.goto(re.sub(r"/edit/", "/inspect/", page.url))


def edit(stage: Stage) -> None:
    open_row(stage, "scenarios", NAME)
    stage.page.goto(re.sub(r"/inspect/", "/edit/", stage.page.url))


def press_publish(stage: Stage) -> None:
    stage.page.get_by_role("button", name="More actions").click()
    stage.page.locator("button[name=action-publish]").click()
