"""Fixtures of the messages room."""

from collections.abc import Iterator

import pytest

from example_site.mail import email_settings
from tests.smtp import RudeServer


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
