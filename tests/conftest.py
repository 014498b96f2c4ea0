"""What every slice's tests may ask for. Fixtures of one slice live in that slice's own conftest."""

from collections.abc import Iterator

import pytest

from django.conf import settings
from django.db import connection
from wagtail.models import Collection, Locale, Page, Site

from example_site.email import email_settings
from tests.smtp_sink import SmtpSink


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
