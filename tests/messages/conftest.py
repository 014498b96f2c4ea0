"""What tests of the hand-over may ask for."""

import threading

from collections.abc import Iterator

import pytest

from tests.messages.deliveries import NOW
from tests.messages.provider import Provider
from wagtail_flows.lib import clock


@pytest.fixture
def provider(settings, wagtail_site) -> Iterator[Provider]:
    """A provider's API that the site's mail leaves by, at NOW: Mailjet's."""
    server = Provider()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    server.use(settings)
    with clock.moved(NOW):
        yield server
    server.shutdown()
    server.server_close()
    thread.join()
