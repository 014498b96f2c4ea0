# Django is set up before its models are imported.
# ruff: noqa: E402
"""Pictures of our admin pages, to look at and for the documentation.

    python -m tests.browser.shots OUTPUT [--only WORD] [--empty | --many] [--dark] [--french] [--phone]

A site with one of everything is made in a database of its own, served, and visited in Chromium.
"""

import argparse
import os
import sys

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
# Playwright's loop runs in this thread, and Django would take us for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

import django


django.setup()

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.db import connections
from django.test import Client
from django.test.testcases import LiveServerThread
from django.test.utils import get_runner, setup_test_environment
from django.urls import reverse
from playwright.sync_api import Page, ViewportSize, sync_playwright
from wagtail.models import Locale, Site
from wagtail.models import Page as WagtailPage
from wagtail.users.models import UserProfile

from tests import doors
from tests.admin.crowd import make_crowd
from tests.admin.world import World, make_world


DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}


def addresses(world: World | None) -> Iterator[tuple[str, str]]:
    """(name, path) of each page worth a picture."""
    listings = ("contacts", "lists", "segments", "enrollments", "deliveries", "shops", "orders", "webhooks")
    for slug in (*listings, "suppressions", "properties"):
        yield slug, reverse(f"flows_{slug}:index")
    yield "attention", reverse("flows_attention:index")
    yield "messages", reverse("flows_messages:list")
    yield "scenarios", reverse("flows_scenarios:list")
    for slug in ("contacts", "lists", "segments", "shops", "suppressions", "properties"):
        yield f"{slug}-add", reverse(f"flows_{slug}:add")
    if world:
        yield from pages_of(world)


def pages_of(world: World) -> Iterator[tuple[str, str]]:
    rows = {
        "contacts": world.contact,
        "lists": world.mailing_list,
        "segments": world.segment,
        "messages": world.message,
        "scenarios": world.scenario,
        "enrollments": world.enrollment,
        "deliveries": world.delivery,
        "shops": world.shop,
        "orders": world.order,
        "webhooks": world.webhook,
    }
    for slug, row in rows.items():
        yield f"{slug}-page", reverse(f"flows_{slug}:inspect", args=[row.pk])
    for slug in ("contacts", "lists", "segments", "messages", "scenarios", "shops"):
        yield f"{slug}-edit", reverse(f"flows_{slug}:edit", args=[rows[slug].pk])
        yield f"{slug}-delete", reverse(f"flows_{slug}:delete", args=[rows[slug].pk])
    for name in ("versions", "compare_versions", "plan"):
        yield f"scenarios-{name}", reverse(f"flows_scenarios:{name}", args=[world.scenario.pk])
    yield "scenarios-import", reverse("flows_scenarios:import_file")
    for name in ("sendersettings", "sendinglimits"):
        yield f"settings-{name}", reverse("wagtailsettings:edit", args=["wagtail_flows", name, 1])
    yield "settings-sendingrates", reverse("wagtailsettings:edit", args=["wagtail_flows", "sendingrates", 1])


def log_in(options: argparse.Namespace) -> str:
    """The key of a session of a superuser who prefers what the options say."""
    user = get_user_model().objects.create_superuser("owner", "owner@example.org", "password", first_name="Camille")
    profile = UserProfile.get_for_user(user)
    profile.theme = "dark" if options.dark else "light"
    profile.preferred_language = "fr" if options.french else "en"
    profile.save()
    client = Client()
    client.force_login(user)
    return client.session.session_key


@contextmanager
def served(options: argparse.Namespace) -> Iterator[tuple[str, str, World | None]]:
    """(address of the server, session key, what is in it)."""
    setup_test_environment(debug=False)
    runner = get_runner(settings)(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    for code, _name in settings.LANGUAGES:
        Locale.objects.get_or_create(language_code=code)
    Site.objects.update(site_name="Atelier")
    WagtailPage.objects.filter(depth=2).update(title="Atelier")
    world = None if options.empty else make_world()
    if options.many:
        make_crowd(world)
    session = log_in(options)
    server = LiveServerThread("127.0.0.1", StaticFilesHandler)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    yield f"http://127.0.0.1:{server.port}", session, world
    server.terminate()
    connections.close_all()
    runner.teardown_databases(databases)


def shoot(page: Page, url: str, file: Path, size: ViewportSize, *, is_whole: bool) -> None:
    page.set_viewport_size(size)
    answer = page.goto(url, wait_until="load")
    if is_whole:
        # The admin scrolls inside of itself, so the window must be as tall as what is in it.
        height = page.evaluate("Math.max(...[...document.querySelectorAll('body, main')].map(e => e.scrollHeight))")
        page.set_viewport_size({**size, "height": min(height, 4000)})
    page.wait_for_timeout(400)
    page.screenshot(path=file)
    sys.stdout.write(f"{answer.status if answer else '?'} {file.name}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path)
    parser.add_argument("--only", default="")
    for flag in ("empty", "many", "dark", "french", "phone", "whole"):
        parser.add_argument(f"--{flag}", action="store_true")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    with served(options) as (address, session, world), sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=doors.chromium())
        size = PHONE if options.phone else DESKTOP
        context = chromium.new_context(viewport=size)
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": address}])
        page = context.new_page()
        for name, path in addresses(world):
            if options.only in name:
                shoot(page, address + path, options.output / f"{name}.png", size, is_whole=options.whole)
        chromium.close()


if __name__ == "__main__":
    main()
