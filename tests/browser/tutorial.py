"""The tutorial, done in Chromium on a demo of its own: the pictures of the documentation, and the proof that it works.
Those of the how-tos are taken after it.

    python -m tests.browser.tutorial docs/images

Everything that `docs/tutorial.md` asks for is done here, in its order; the graph is read from that page.
"""

from __future__ import annotations

import argparse
import re

from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests import demo, doors
from tests.browser.how_tos import show
from tests.browser.stage import WINDOW, Stage, stage_on_a_demo


TUTORIAL = demo.ROOT / "docs" / "tutorial.md"


def play(stage: Stage) -> None:
    """The whole tutorial, in its order."""
    order_bread(stage)
    read_review_request(stage)
    enter_admin(stage)
    make_list(stage)
    write_letters(stage)
    make_scenario(stage)
    make_form(stage)
    subscribe_and_confirm(stage)
    look_back(stage)


def order_bread(stage: Stage) -> None:
    stage.open("/shop/")
    for button in ("Order", "Ship", "Deliver"):
        stage.page.get_by_role("button", name=button, exact=True).first.click()
    stage.page.get_by_text("is delivered.").wait_for()
    stage.picture("demo-shop")


def read_review_request(stage: Stage) -> None:
    stage.pass_a_minute()
    stage.wait_for_mail("How was the bread, Alice?", "alice@example.org")
    stage.page.frame_locator("iframe.mail").get_by_text("Write a review").first.wait_for()
    stage.picture("review-request", height=1000)


def enter_admin(stage: Stage) -> None:
    stage.open("/admin/login/")
    stage.page.fill("input[name=username]", "demo")
    stage.page.fill("input[name=password]", "demo")
    stage.page.click("button[type=submit]")
    stage.page.get_by_role("button", name="Flows").click()
    stage.picture("menu", height=1050)


def make_list(stage: Stage) -> None:
    stage.open("/admin/flows/lists/new/")
    stage.page.fill("#id_name", "Recipes")
    stage.page.fill("#id_public_name", "Recipes from the oven")
    stage.page.fill("#id_public_description", "One recipe a month.")
    stage.picture("list-new")
    stage.page.click("main form [type=submit]")
    stage.page.get_by_text("List 'Recipes").wait_for()


def write_letters(stage: Stage) -> None:
    write_letter(
        stage,
        "Recipes 1: welcome",
        "Your first recipe{% if contact.first_name != blank %}, {{ contact.first_name }}{% endif %}",
        "Bread for beginners",
        "Flour, water, salt, and a night in the fridge. That is all.",
        picture="email-edit",
    )
    write_letter(
        stage,
        "Recipes 2: the starter",
        "How to keep a starter alive",
        "It wants to be fed",
        "A spoon of flour, a spoon of water, once a week.",
    )


def write_letter(stage: Stage, name: str, subject: str, heading: str, text: str, *, picture: str = "") -> None:
    page = stage.page
    stage.open("/admin/flows/messages/add/")
    page.fill("#id_name", name)
    page.fill("#id_subject", subject)
    add_block(page, "Heading")
    page.fill("#body-0-value-text", heading)
    add_block(page, "Text")
    written = page.locator("#body-1-value-text").locator("xpath=..").locator("[contenteditable=true]")
    written.click()
    expect(written).to_be_focused()
    page.keyboard.type(text, delay=5)
    # Wagtail's editor hands what is typed to the form a moment later.
    expect(page.locator("#body-1-value-text")).to_have_value(re.compile(re.escape(text)))
    if picture:
        page.get_by_role("button", name="Toggle preview").click()
        page.locator("iframe.w-preview__iframe, #w-preview-iframe").first.wait_for()
        page.wait_for_timeout(2500)
        page.set_viewport_size({**WINDOW, "height": 1000})
        page.locator(".c-sf-add-button").last.scroll_into_view_if_needed()
        stage.picture(picture, height=1000)
        # It would be open in every form from now on.
        page.get_by_role("button", name="Toggle preview").click()
    publish(stage)


def add_block(page: Page, kind: str) -> None:
    """The last + of the content, and this kind of block."""
    page.locator(".c-sf-add-button").last.click()
    page.get_by_role("option", name=kind, exact=True).click()
    page.wait_for_timeout(300)


def publish(stage: Stage) -> None:
    stage.page.get_by_role("button", name="More actions").click()
    stage.page.locator("button[name=action-publish]").click()
    stage.expect_success()


def make_scenario(stage: Stage) -> None:
    page = stage.page
    stage.open("/admin/flows/scenarios/add/")
    page.fill("#id_name", "Recipes: welcome")
    named = {"THE-LIST": "Recipes", "FIRST-E-MAIL": "Recipes 1: welcome", "SECOND-E-MAIL": "Recipes 2: the starter"}
    graph = the_graph()
    for stands_for, name in named.items():
        graph = graph.replace(stands_for, identifier(page, name))
    page.fill("#id_graph", graph)
    page.locator("[data-panel]", has=page.locator("dl.flows-names")).locator("[data-panel-toggle]").first.click()
    page.evaluate("document.activeElement.blur()")
    page.locator("#id_name").scroll_into_view_if_needed()
    stage.picture("scenario-new", height=2100)
    publish(stage)


def the_graph() -> str:
    """The JSON of the tutorial, as its reader copies it."""
    found = re.search(r"```json\n(.*?)```", TUTORIAL.read_text(encoding="utf-8"), re.DOTALL)
    assert found, "The tutorial has no graph."
    return found.group(1)


def identifier(page: Page, name: str) -> str:
    """What "What can be named" says is the identifier of this."""
    written = page.locator("dl.flows-names dt", has=page.locator(f"xpath=following-sibling::dd[1][.='{name}']"))
    return str(written.first.text_content()).strip()


def make_form(stage: Stage) -> None:
    page = stage.page
    stage.open("/admin/pages/")
    page.get_by_role("link", name="Explore child pages of 'Home'").first.click()
    page.get_by_role("link", name="Add child page").first.click()
    page.fill("#id_title", "Recipes")
    add_field(page, 0, "Your first name", "singleline", maps_to="first_name")
    add_field(page, 1, "Your e-mail address", "email")
    add_field(page, 2, "Yes, send me a recipe a month", "flows_opt_in", mailing_list="Recipes")
    page.evaluate("document.activeElement.blur()")
    page.set_viewport_size({**WINDOW, "height": 1200})
    page.locator("#inline_child_form_fields-2").evaluate("row => row.scrollIntoView()")
    stage.picture("opt-in-field", height=1200)
    publish(stage)


def add_field(page: Page, number: int, label: str, kind: str, *, mailing_list: str = "", maps_to: str = "") -> None:
    page.locator("#id_form_fields-ADD").click()
    field = f"#id_form_fields-{number}"
    page.fill(f"{field}-label", label)
    page.select_option(f"{field}-field_type", kind)
    if mailing_list:
        page.select_option(f"{field}-flows_list", label=mailing_list)
    if maps_to:
        page.select_option(f"{field}-flows_maps_to", maps_to)


def subscribe_and_confirm(stage: Stage) -> None:
    page = stage.page
    stage.open("/recipes/")
    page.get_by_label("Your first name").fill("Bob")
    page.get_by_label("Your e-mail address").fill("bob@example.org")
    page.get_by_label("Yes, send me a recipe a month").check()
    stage.picture("sign-up")
    page.get_by_role("button", name="Send").click()
    stage.wait_for_mail("onfirm", "bob@example.org")
    link = re.search(r"http://localhost:\d+/flows/confirm/\S+", page.inner_text("body"))
    assert link, "The confirmation has no link."
    page.goto(link.group())
    stage.picture("confirm", height=500)
    page.get_by_role("button").click()
    stage.wait_for_mail("Your first recipe, Bob", "bob@example.org")
    stage.pass_a_minute()
    stage.wait_for_mail("How to keep a starter alive", "bob@example.org")


def look_back(stage: Stage) -> None:
    """What the admin says about all this."""
    pages: Sequence[tuple[str, str, str, int]] = (
        ("contacts", "bob@example.org", "contact", 1300),
        ("scenarios", "Recipes: welcome", "scenario-page", 1000),
        ("deliveries", "bob@example.org", "delivery", 900),
        ("webhooks", "fulfillment_metadata_updated", "webhook", 900),
        ("shops", "Atelier Łuczak", "shop-page", 900),
    )
    for kind, row, name, height in pages:
        stage.open(f"/admin/flows/{kind}/")
        if kind in {"deliveries", "webhooks"}:
            stage.picture(kind, height=700)
        stage.page.locator("main table").get_by_role("link", name=row).first.click()
        stage.page.wait_for_load_state("load")
        view = stage.page.get_by_role("link", name="Inspect")
        if kind == "scenarios" and view.count():
            view.first.click()
        stage.picture(name, height=height)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path)
    options = parser.parse_args()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=doors.chromium())
        with stage_on_a_demo(chromium, options.output) as stage:
            play(stage)
            show(stage)
        chromium.close()


if __name__ == "__main__":
    main()
