"""Story 2: a visitor becomes a confirmed subscriber, in Chromium, on the demo as `make demo` starts it."""

from __future__ import annotations

import re
import subprocess
import sys
import time

from datetime import UTC, datetime, timedelta

import pytest

from playwright.sync_api import Page, expect

from tests.demo import ROOT, environment, free_port, greeting


VISITOR = "marie-helene.de-la-tour@example.org"

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.slow, pytest.mark.processes]


@pytest.fixture
def demo(start, tmp_path):
    """The address of a running demo, and a way to let time pass in it."""
    port = free_port()
    greeting(start(port))
    return f"http://localhost:{port}", lambda later: tick(environment(tmp_path, port), later)


def tick(told: dict[str, str], later: timedelta) -> None:
    """Let the engine work at a later moment, beside the demo's own queue."""
    now = (datetime.now(UTC) + later).isoformat()
    command = [sys.executable, "-m", "example_site.manage", "flows_tick", "--until-idle", "--now", now]
    subprocess.run(command, cwd=ROOT, env=told, check=True, capture_output=True, timeout=120)


def wait_for_mail(page: Page, address: str, count: int) -> list[str]:
    """Look into the inbox until so many mails are there; "within seconds" is at most twenty here."""
    deadline = time.monotonic() + 20
    while len(mails := page.goto(f"{address}/inbox/") and page.locator(".mails .subject").all_inner_texts()) < count:
        assert time.monotonic() < deadline, mails
        page.wait_for_timeout(250)
    return mails


def test_a_visitor_ticks_the_box_confirms_and_is_welcomed(demo, page):
    address, pass_time = demo
    page.goto(f"{address}/contact/")
    box = page.get_by_label("Yes, send me the newsletter")
    expect(box).not_to_be_checked()
    page.get_by_label("Your name").fill("Marie-Hélène de La Tour")
    page.get_by_label("Your e-mail address").fill(VISITOR)
    page.get_by_label("Your message").fill("Bonjour !")
    box.check()
    page.get_by_role("button", name="Send").click()

    # The confirmation comes at once; nothing else does, however long one waits.
    wait_for_mail(page, address, 1)
    pass_time(timedelta(days=2))
    [asked] = wait_for_mail(page, address, 1)
    assert "confirm" in asked.lower()
    assert status_in_admin(page, address) == "pending"

    page.goto(f"{address}/inbox/")
    page.locator(".mails a").first.click()
    link = re.search(r"http://localhost:\d+/flows/confirm/\S+", page.inner_text("body")).group()
    # Looking at the link, as scanners do, confirms nothing; the button does.
    page.goto(link)
    assert status_in_admin(page, address) == "pending"
    page.goto(link)
    page.get_by_role("button").click()
    assert status_in_admin(page, address) == "subscribed"

    # The evidence stands beside the contact: the wording, the page, the time.
    expect(page.locator("main")).to_contain_text("Yes, send me the newsletter")
    expect(page.locator("main")).to_contain_text("/contact/")

    # The welcome series starts now: one mail, and the next ones only when their time has come.
    assert len(wait_for_mail(page, address, 2)) == 2
    pass_time(timedelta(seconds=70))
    assert len(wait_for_mail(page, address, 3)) == 3
    pass_time(timedelta(seconds=140))
    mails = wait_for_mail(page, address, 4)
    assert len(mails) == 4
    pass_time(timedelta(days=30))
    assert len(wait_for_mail(page, address, 4)) == 4


def status_in_admin(page: Page, address: str) -> str:
    """What the visitor's page in the admin says about the subscription; leaves that page open."""
    page.goto(f"{address}/admin/flows/contacts/?q={VISITOR}")
    if page.locator("input[name=username]").count():
        page.locator("input[name=username]").fill("demo")
        page.locator("input[name=password]").fill("demo")
        page.locator("button[type=submit]").click()
    page.locator("main table").get_by_role("link", name=VISITOR).click()
    return page.locator("#subscriptions-content tbody td:nth-child(2)").inner_text().strip().lower()
