"""What every slice's tests may ask for. Fixtures of one slice live in that slice's own conftest."""

import os

from collections.abc import Iterator

import pytest

from django.conf import settings
from django.db import connection
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Page as BrowserPage
from wagtail.models import Collection, Locale, Page, Site

from example_site.mail import email_settings
from tests import demo, doors
from tests.http_receiver import Receiver
from tests.provider import Provider
from tests.smtp import RudeServer
from tests.smtp_sink import SmtpSink


# A busy machine isn't a fault of the code: no deadline, and no complaint about slowly drawn examples.
hypothesis_settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("house")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what this machine or database can't do. Under CI=true `python -m tests` refuses to start instead."""
    missing = {
        "browser": None if doors.chromium() else "no Chromium found",
        "redis": None if settings.REDIS_URL else "REDIS_URL isn't set",
        "postgres": None if settings.DATABASES["default"]["ENGINE"].endswith("postgresql") else "about PostgreSQL",
    }
    for item in items:
        for reason in (missing.get(mark.name) for mark in item.iter_markers()):
            if reason:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def database_url() -> str:
    """The URL of the test database, for `DATABASE_URL` of a child process (needs a committed, transactional test)."""
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{values['TEST']['NAME']}"
    return f"postgres://{values['USER']}:{values['PASSWORD']}@{values['HOST']}:{values['PORT']}/{values['NAME']}"


@pytest.fixture
def wagtail_site(db) -> Site:
    """The default site with its root page and all locales, also after a transactional test emptied the tables."""
    for code, _name in settings.LANGUAGES:
        Locale.objects.get_or_create(language_code=code)
    if not Collection.objects.exists():
        Collection.add_root(name="Root")
    root = Page.get_first_root_node() or Page.add_root(title="Root", locale=Locale.get_default())
    site = Site.objects.filter(is_default_site=True).first()
    if site is None:
        home = root.add_child(title="Home", slug="home", locale=Locale.get_default())
        site = Site.objects.create(
            hostname="localhost", port=80, root_page=home, is_default_site=True, site_name="Atelier"
        )
    return site


@pytest.fixture
def admin_user(db, django_user_model):
    """A superuser: whoever may do everything."""
    return django_user_model.objects.create_superuser("owner", "owner@example.org", "password")


@pytest.fixture
def smtp_sink(settings) -> Iterator[SmtpSink]:
    """A real SMTP server that Django's mail goes to during this test; `SMTP_PORT` tells it to a child process."""
    sink = SmtpSink()
    sink.start()
    for name, value in email_settings(sink.port).items():
        setattr(settings, name, value)
    yield sink
    sink.stop()


@pytest.fixture
def rude_server(settings) -> Iterator[RudeServer]:
    """A real mail server that misbehaves when told to; Django's mail goes to it, with a patience of one second."""
    server = RudeServer()
    server.start()
    for name, value in email_settings(server.port).items():
        setattr(settings, name, value)
    settings.FLOWS_EMAIL_TIMEOUT = 1
    yield server
    server.stop()


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    """A real HTTP server on this machine, which may be called; our patience with it is one second."""
    settings.FLOWS_ALLOW_PRIVATE_ADDRESSES = True
    settings.FLOWS_CALL_TIMEOUT = 1
    server = Receiver()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def provider(settings) -> Iterator[Provider]:
    """The API of a mail provider on this machine, which the site's mail leaves by: Mailjet's."""
    server = Provider()
    server.start()
    server.use(settings)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, started once. Tests that use it are marked `browser`."""
    # Playwright's loop runs in the thread of the test, and Django would take the test for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=doors.chromium())
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[BrowserPage]:
    """An empty tab of a visitor who was never here before."""
    context = browser.new_context(locale="en-GB")
    yield context.new_page()
    context.close()


@pytest.fixture
def start(tmp_path):
    """Start the demo on a port, with all that it makes in this test's folder; ended at the latest with the test."""
    yield from demo.starting(tmp_path)
