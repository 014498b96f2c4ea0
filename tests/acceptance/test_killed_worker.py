"""Two hundred mails and a worker that dies: nobody gets one twice, at most one is in doubt, the rest arrives."""

import signal

from collections.abc import Iterator

import pytest

from example_site.mail import email_settings
from tests.messages.deliveries import a_message, many_queued
from tests.messages.processes import Workers
from tests.smtp import RudeServer
from wagtail_flows.messages import reasons
from wagtail_flows.messages.delivery_models import Delivery


pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

COUNT = 200


@pytest.fixture
def server(settings) -> Iterator[RudeServer]:
    server = RudeServer()
    server.start()
    for name, value in email_settings(server.port).items():
        setattr(settings, name, value)
    yield server
    server.stop()


@pytest.fixture
def workers(database_url, server) -> Iterator[Workers]:
    workers = Workers(database_url, server)
    yield workers
    workers.stop()


def in_state(status: str) -> int:
    return Delivery.objects.filter(status=status).count()


# Where the worker stands when it is killed, and whether the mail it holds has arrived nevertheless.
MOMENTS = [
    ("mail", 0),  # it has begun the hundredth, the server has heard its sender
    ("dot", 1),  # the server has all of it and is about to say so
]


@pytest.mark.parametrize(("point", "arrived"), MOMENTS)
def test_a_worker_killed_in_the_middle_of_two_hundred(wagtail_site, server, workers, point, arrived):
    many_queued(COUNT, a_message())
    first = workers.start(LEASE_SECONDS=3)

    def kill() -> None:
        first.send_signal(signal.SIGKILL)
        first.wait()

    server.call_at(point, kill, skip=COUNT // 2)
    first.communicate(timeout=120)
    assert first.returncode == -signal.SIGKILL
    assert (in_state("sent"), in_state("sending"), in_state("uncertain")) == (COUNT // 2, 1, 0)

    workers.finished(workers.start(LEASE_SECONDS=3))
    assert (in_state("sent"), in_state("uncertain")) == (COUNT - 1, 1)
    assert set(server.message_ids.values()) == {1}
    assert len(server.whole) == COUNT - 1 + arrived
    doubtful = Delivery.objects.get(status="uncertain")
    assert doubtful.reason == reasons.WORKER_LOST
    assert (f"<{doubtful.public_id}@example.org>" in server.message_ids) is bool(arrived)


def test_two_workers_at_the_same_time_send_each_mail_once(wagtail_site, server, workers):
    many_queued(COUNT, a_message())
    pair = [workers.start(DELIVERY_BATCH_SIZE=10), workers.start(DELIVERY_BATCH_SIZE=10)]
    for worker in pair:
        workers.finished(worker)
    assert in_state("sent") == COUNT
    assert set(server.message_ids.values()) == {1}
    assert len(server.whole) == COUNT
