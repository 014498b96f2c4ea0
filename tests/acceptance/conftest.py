from contextlib import ExitStack
from datetime import datetime
from io import StringIO

import pytest

from django.core.management import call_command

from tests.acceptance.office import Office
from tests.shop.conftest import key_server
from wagtail_flows.lib import clock


# The shop itself, as far as these stories need it: it publishes its keys.
__all__ = ["key_server"]


@pytest.fixture
def site(wagtail_site, live_server):
    """The default site, at the address where the live server answers."""
    wagtail_site.hostname, wagtail_site.port = "localhost", int(live_server.url.rpartition(":")[2])
    wagtail_site.save()
    return wagtail_site


@pytest.fixture
def office(site, live_server, django_user_model) -> Office:
    """Somebody who may do everything, at work in the admin."""
    django_user_model.objects.create_superuser("owner", "owner@example.org", "password")
    office = Office(live_server.url)
    office.enter("owner", "password")
    return office


@pytest.fixture
def work():
    """Let the engine do what is due at a moment (ISO 8601)."""

    def until_idle(now: str) -> str:
        said = StringIO()
        call_command("flows_tick", "--until-idle", "--now", now, stdout=said)
        return said.getvalue()

    return until_idle


@pytest.fixture
def clock_at():
    """Move the clock of this process, the live server's too, to a moment (ISO 8601)."""
    with ExitStack() as moves:
        yield lambda moment: moves.enter_context(clock.moved(datetime.fromisoformat(moment)))
