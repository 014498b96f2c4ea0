"""A worker process killed with SIGKILL while it calls: one call in doubt, or repeated where that does no harm."""

import pytest

from django.utils import timezone

from tests.messages.deliveries import a_contact
from tests.messages.processes import Workers
from wagtail_flows.messages.deliver import rescue
from wagtail_flows.messages.delivery_models import Delivery
from wagtail_flows.messages.queueing import NewDelivery, queue
from wagtail_flows.messages.webhook_model import WebhookEndpoint


pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes, pytest.mark.slow]


@pytest.fixture
def workers(database_url, rude_server, wagtail_site):
    started = Workers(database_url, rude_server)
    yield started
    started.stop()


@pytest.mark.parametrize(("is_repeat_safe", "ends"), [(False, "uncertain"), (True, "sent")])
def test_a_killed_worker_leaves_at_most_one_call_in_doubt(receiver, workers, is_repeat_safe, ends):
    endpoint = WebhookEndpoint.objects.create(name="Hook", url=receiver.url, is_repeat_safe=is_repeat_safe)
    context = {"payload": {"endpoint": str(endpoint.public_id)}}
    values = {"kind": "dispatch", "channel": "webhook", "basis": "transaction", "due_at": timezone.now()}
    people = [a_contact(f"p{number}@example.org") for number in range(6)]
    queue([NewDelivery(one.pk, context=context, **values) for one in people])
    victim = workers.start(ALLOW_PRIVATE_ADDRESSES=1)

    def kill() -> None:
        victim.kill()
        victim.wait()

    for happening in (lambda: None, lambda: None, kill):
        receiver.at_call(happening)
    victim.wait(timeout=60)
    # Neither the end of the lease nor the back-off is waited for.
    Delivery.objects.exclude(status="sent").update(leased_until=timezone.now())
    assert rescue(timezone.now()) == 1
    Delivery.objects.filter(status="queued").update(due_at=timezone.now())
    workers.finished(workers.start(ALLOW_PRIVATE_ADDRESSES=1))
    assert sorted(Delivery.objects.values_list("status", flat=True)) == sorted(["sent"] * 5 + [ends])
    ids = [call.headers["webhook-id"] for call in receiver.calls]
    assert len(set(ids)) == 6
    assert len(ids) == (7 if is_repeat_safe else 6)
