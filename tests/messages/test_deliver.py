"""Delivering to a real mail server: what is known for certain is written, what isn't is never sent again by itself."""

import time

from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest

from django.db import OperationalError, connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.messages.deliveries import MINUTE, NOW, a_contact, a_list, a_message, queued, states, subscribed
from tests.smtp import DROP, HANG
from tests.together import at_the_same_time, without_errors
from wagtail_flows.contacts.models import Subscription, Suppression
from wagtail_flows.contacts.suppressions import suppress
from wagtail_flows.lib import clock
from wagtail_flows.messages import content, gates, handover, reasons
from wagtail_flows.messages.deliver import deliver, next_due, rescue
from wagtail_flows.messages.delivery_models import Delivery
from wagtail_flows.messages.gates import Hold
from wagtail_flows.messages.leasing import lease
from wagtail_flows.messages.message_model import Message


pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _site(wagtail_site):
    with clock.moved(NOW):
        yield


@pytest.fixture
def message() -> Message:
    return a_message("Hello {{ contact.first_name }}")


@pytest.fixture
def another_gate(monkeypatch):
    """Let something happen whenever the gates were asked: once for the batch, then for each mail."""
    monkeypatch.setattr(gates, "_gates", list(gates._gates))

    def add(happening):
        def gate(_deliveries):
            happening()
            return {}

        gates.register(gate)

    return add


def some(count: int, message: Message, **values) -> list[Delivery]:
    return [queued(a_contact(f"p{number}@example.org"), message.translation_key, **values) for number in range(count)]


def hang_up_all(database_url: str) -> None:
    """Let the database end all of its connections (PostgreSQL)."""
    with psycopg.connect(database_url, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid != pg_backend_pid()"
        )


def test_what_is_due_is_sent_once(rude_server, message):
    delivery = queued(a_contact(first_name="Alice"), message.translation_key)
    assert deliver(NOW) == 1
    assert deliver(NOW) == 0
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts, delivery.ended_at, delivery.lease_token) == ("sent", 1, NOW, None)
    assert delivery.rendered_subject == "Hello Alice"
    assert delivery.message_revision_id == message.live_revision_id
    (mail,) = rude_server.accepted
    assert mail.recipients == ("alice@example.org",)
    assert mail.message["Message-ID"] == f"<{delivery.public_id}@example.org>"
    assert mail.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_what_is_not_due_waits(rude_server, message):
    some(2, message, due_at=NOW + MINUTE)
    assert next_due(NOW) == NOW + MINUTE
    assert deliver(NOW) == 0
    assert deliver(NOW + MINUTE) == 2
    assert next_due(NOW) is None


def test_a_mail_refused_for_the_moment_is_tried_again_later_and_later(rude_server, message, settings):
    settings.FLOWS_MAX_ATTEMPTS = 4
    (delivery,) = some(1, message)
    rude_server.at("rcpt", "450 4.2.0 greylisted", times=4)
    now = NOW
    for minutes in (1, 5, 15):
        assert deliver(now) == 0
        delivery.refresh_from_db()
        assert (delivery.status, delivery.reason) == ("queued", reasons.REFUSED_FOR_NOW)
        assert delivery.due_at - now == timedelta(minutes=minutes)
        assert deliver(delivery.due_at - timedelta(seconds=1)) == 0
        now = delivery.due_at
    assert deliver(now) == 1
    delivery.refresh_from_db()
    assert (delivery.status, delivery.reason, delivery.attempts) == ("failed", reasons.GAVE_UP, 4)
    assert delivery.error == "450 4.2.0 greylisted"
    assert rude_server.whole == []


def test_a_mail_refused_for_the_moment_arrives_in_the_end(rude_server, message):
    some(1, message)
    rude_server.at("dot", "451 4.3.0 busy")
    deliver(NOW)
    deliver(NOW + MINUTE)
    assert states() == ["sent"]
    assert len(rude_server.accepted) == 1


def test_a_mail_refused_for_good_has_failed_and_the_others_go_on(rude_server, message):
    first, second, third = some(3, message)
    rude_server.at("rcpt", "550 5.1.1 no such user", skip=1)
    assert deliver(NOW) == 3
    assert states(first, second, third) == ["sent", "failed", "sent"]
    second.refresh_from_db()
    assert (second.reason, second.error) == (reasons.ADDRESS_REFUSED, "550 5.1.1 no such user")


@pytest.mark.parametrize(
    ("point", "reply", "known"),
    [
        ("rcpt", "550 5.1.1 no such user", [("all", "bounced", "550 5.1.1 no such user")]),
        ("rcpt", "556 5.1.10 takes no mail", [("all", "bounced", "556 5.1.10 takes no mail")]),
        # What any server says that doesn't like this mail, or us.
        ("rcpt", "550 no such user", []),
        ("rcpt", "550 5.7.1 listed", []),
        ("rcpt", "552 5.2.2 full", []),
        ("rcpt", "450 4.1.1 not now", []),
        ("dot", "550 5.1.1 thought about it", []),
    ],
)
def test_an_address_that_nobody_has_is_never_written_to_again(rude_server, message, point, reply, known):
    some(1, message)
    rude_server.at(point, reply)
    deliver(NOW)
    assert list(Suppression.objects.values_list("scope", "reason", "note")) == known


@pytest.mark.parametrize("point", ["content", "dot"])
@pytest.mark.parametrize("deed", [DROP, HANG])
def test_a_mail_in_doubt_is_never_sent_again(rude_server, message, point, deed):
    first, second = some(2, message)
    rude_server.at(point, deed)
    deliver(NOW)
    deliver(NOW + timedelta(days=1))
    assert states(first, second) == ["uncertain", "sent"]
    assert max(rude_server.message_ids.values()) == 1


@pytest.mark.parametrize("point", ["mail", "rcpt", "data"])
def test_a_line_lost_before_the_content_costs_nothing_but_a_minute(rude_server, message, point):
    first, second = some(2, message)
    rude_server.at(point, DROP)
    deliver(NOW)
    assert states(first, second) == ["queued", "sent"]
    deliver(NOW + MINUTE)
    assert states(first, second) == ["sent", "sent"]
    assert set(rude_server.message_ids.values()) == {1}


@pytest.mark.parametrize(("point", "deed"), [("connect", "554 not you"), ("connect", DROP), ("mail", "530 log in")])
def test_a_server_that_does_not_let_us_in_costs_no_mail_an_attempt(rude_server, message, point, deed):
    deliveries = some(60, message)
    rude_server.at(point, deed)
    assert deliver(NOW) == 0
    assert set(Delivery.objects.values_list("status", "attempts", "reason", "lease_token")) == {
        ("queued", 0, reasons.SERVER_UNREACHABLE, None)
    }
    assert rude_server.connections == 1
    assert next_due(NOW) == NOW + MINUTE
    assert deliver(NOW + MINUTE) == len(deliveries)


def test_the_pauses_grow_while_the_server_is_away(rude_server, message):
    (delivery,) = some(1, message)
    rude_server.at("connect", DROP, times=7)
    now, pauses = NOW, []
    while not deliver(now):
        delivery.refresh_from_db()
        pauses.append((delivery.due_at - now) // MINUTE)
        now = delivery.due_at
    assert pauses == [1, 1, 2, 4, 8, 15, 15]
    assert states() == ["sent"]


def test_a_server_that_falls_silent_again_and_again_is_left_alone(rude_server, message):
    some(10, message)
    rude_server.at("dot", DROP, times=10)
    deliver(NOW)
    assert states().count("uncertain") == 2
    assert states().count("queued") == 8
    assert next_due(NOW) == NOW + MINUTE


def test_transactional_mail_goes_first_and_does_not_wait_for_a_stream_in_trouble(rude_server, message, settings):
    some(3, message, due_at=NOW - MINUTE)
    notice = a_message("Receipt", stream="transactional", basis="transaction")
    urgent = queued(a_contact("urgent@example.org"), notice.translation_key)
    rude_server.at("connect", DROP, skip=1)
    deliver(NOW)
    assert rude_server.accepted[0].recipients == ("urgent@example.org",)
    assert states(urgent) == ["sent"]
    assert states().count("queued") == 3


def test_the_gates_are_asked_between_two_mails(rude_server, message, another_gate):
    first, second = some(2, message)
    another_gate(lambda: suppress(second.contact, "commercial", "unsubscribed"))
    deliver(NOW)
    assert states(first, second) == ["sent", "skipped"]
    second.refresh_from_db()
    assert (second.reason, second.ended_at, second.attempts) == (reasons.SUPPRESSED, NOW, 0)


def test_who_left_is_skipped_before_anything_is_opened(rude_server):
    mailing_list = a_list()
    contact = a_contact()
    subscribed(contact, mailing_list, Subscription.Status.UNSUBSCRIBED)
    delivery = queued(contact, a_message(basis="subscription").translation_key, mailing_list_id=mailing_list.pk)
    assert deliver(NOW) == 1
    delivery.refresh_from_db()
    assert (delivery.status, delivery.reason) == ("skipped", reasons.LEFT_LIST)
    assert rude_server.connections == 0


def test_what_a_gate_holds_is_asked_again_then(rude_server, message, monkeypatch):
    (delivery,) = some(1, message)
    until = NOW + timedelta(hours=2)
    monkeypatch.setattr(gates, "_gates", [lambda ones: {one.pk: Hold(until, "paused") for one in ones}])
    assert deliver(NOW) == 0
    delivery.refresh_from_db()
    assert (delivery.status, delivery.reason, delivery.due_at, delivery.attempts) == ("queued", "paused", until, 0)
    monkeypatch.setattr(gates, "_gates", [])
    assert deliver(NOW + timedelta(hours=1)) == 0
    assert deliver(until) == 1


def test_a_message_that_cannot_be_rendered_fails_alone(rude_server, message):
    broken = a_message("Hello {{ contact.first_name | nonsense }}")
    good = queued(a_contact(), message.translation_key)
    bad = queued(a_contact("bob@example.org"), broken.translation_key)
    assert deliver(NOW) == 2
    assert states(good, bad) == ["sent", "failed"]
    bad.refresh_from_db()
    assert bad.reason == reasons.RENDERING_FAILED
    assert bad.error


def test_a_message_taken_offline_is_skipped(rude_server, message):
    (delivery,) = some(1, message)
    message.unpublish()
    deliver(NOW)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.reason) == ("skipped", reasons.MESSAGE_NOT_LIVE)


def test_an_address_that_needs_smtputf8_fails_with_its_reason(rude_server, message):
    delivery = queued(a_contact("grüße@example.org"), message.translation_key)
    deliver(NOW)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.reason) == ("failed", reasons.ADDRESS_NOT_ASCII)


def test_a_wrong_sender_keeps_everything_waiting(rude_server, message, settings):
    (delivery,) = some(1, message)
    settings.FLOWS_FROM_EMAIL = "nowhere"
    deliver(NOW)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.reason, delivery.attempts) == ("queued", reasons.SERVER_UNREACHABLE, 0)


def test_the_deadline_gives_back_what_was_not_spent(rude_server, message, settings):
    some(10, message)
    assert deliver(NOW, until=time.monotonic() - 1) == 0
    assert set(Delivery.objects.values_list("lease_token", flat=True)) == {None}
    assert deliver(NOW, until=time.monotonic() + 60) == 10


def test_a_long_batch_makes_way_for_urgent_mail(rude_server, message, monkeypatch, another_gate):
    """While the first of three goes out, somebody sends a form; and the batch's slice of time ends."""
    some(3, message)
    receipt = a_message("Receipt", stream="transactional", basis="transaction")
    urgent = [a_contact("urgent@example.org")]
    monkeypatch.setattr(handover, "SLICE_SECONDS", 0.05)

    def somebody_sends_a_form():
        if Delivery.objects.filter(status="sending").exists() or not urgent:
            return
        queued(urgent.pop(), receipt.translation_key)

    another_gate(somebody_sends_a_form)
    rude_server.call_at("dot", lambda: time.sleep(0.1))
    deliver(NOW)
    assert rude_server.accepted[1].recipients == ("urgent@example.org",)
    assert states().count("sent") == 4


@pytest.mark.django_db(transaction=True)
def test_each_mail_costs_one_commit_and_few_queries(rude_server, message):
    def cost(count: int) -> tuple[int, int]:
        some(count, message)
        with CaptureQueriesContext(connection) as queries:
            assert deliver(NOW) == count
        Delivery.objects.all().delete()
        return len(queries), sum(query["sql"] == "COMMIT" for query in queries)

    cost(1)  # makes the key that signs links
    (few, few_commits), (many, many_commits) = cost(10), cost(30)
    # On PostgreSQL the one statement is a transaction of its own; SQLite takes BEGIN, two of them, and COMMIT.
    is_one_statement = connection.vendor == "postgresql"
    assert many_commits - few_commits == (0 if is_one_statement else 20)
    # The customers' gate asks two queries more.
    assert (many - few) / 20 <= (3 if is_one_statement else 6)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_mails_made_while_the_database_is_busy_arrive_once_and_a_broken_one_fails_alone(
    rude_server, message, monkeypatch
):
    connection.ensure_connection()
    monkeypatch.setattr(connection.connection, "prepare_threshold", 0)
    first, second, third, fourth = some(4, message)
    rendered = content.render

    def render(given):
        if given.context["contact"]["email"] == second.address:
            raise ZeroDivisionError
        return rendered(given)

    monkeypatch.setattr(content, "render", render)
    assert deliver(NOW) == 4
    assert states(first, second, third, fourth) == ["sent", "failed", "sent", "sent"]
    assert set(rude_server.message_ids.values()) == {1}
    assert len(rude_server.message_ids) == 3


def test_a_lease_is_not_given_twice(message):
    some(3, message)
    first = lease("email", "commercial", NOW)
    assert first is not None
    assert len(first.deliveries) == 3
    assert lease("email", "commercial", NOW) is None
    Delivery.objects.update(leased_until=timezone.now() - MINUTE)
    again = lease("email", "commercial", NOW)
    assert again is not None
    assert again.token != first.token


@pytest.mark.django_db(transaction=True)
def test_workers_who_lease_at_the_same_moment_get_different_ones(message, settings):
    settings.FLOWS_DELIVERY_BATCH_SIZE = 2
    some(40, message)

    def work() -> list[int]:
        leased: list[int] = []
        while found := lease("email", "commercial", NOW):
            leased += [one.pk for one in found.deliveries]
        return leased

    leased = [pk for worker in without_errors(at_the_same_time(*[work] * 4)) for pk in worker]
    assert sorted(leased) == list(Delivery.objects.order_by("pk").values_list("pk", flat=True))


def test_who_lost_the_lease_keeps_off(rude_server, message, another_gate):
    """Before its turn another worker takes the second over, as it may once the lease has run out."""
    first, second = some(2, message)
    other = uuid4()
    taken = Delivery.objects.filter(pk=second.pk)
    another_gate(lambda: taken.update(lease_token=other, leased_until=timezone.now() + MINUTE))
    deliver(NOW)
    assert states(first, second) == ["sent", "queued"]
    assert taken.get().lease_token == other
    assert len(rude_server.accepted) == 1


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_was_given_up_can_still_say_that_it_sent(rude_server, message):
    """Its server answered so late that the lease had ended, and somebody had given the mail up for uncertain."""
    some(1, message)

    def give_up():
        Delivery.objects.update(leased_until=timezone.now() - MINUTE)
        assert rescue(NOW) == 1
        connection.close()

    rude_server.call_at("dot", give_up)
    assert deliver(NOW) == 1
    assert states() == ["sent"]


@pytest.mark.django_db(transaction=True)
def test_what_a_person_decided_in_between_stands(rude_server, message):
    some(1, message)

    def give_up():
        Delivery.objects.update(status="failed", reason="said_not_sent")
        connection.close()

    rude_server.call_at("dot", give_up)
    assert deliver(NOW) == 0
    assert states() == ["failed"]


def test_what_a_lost_worker_was_sending_becomes_uncertain(message):
    sending, fresh, waiting = some(3, message)
    past, future = timezone.now() - MINUTE, timezone.now() + MINUTE
    Delivery.objects.filter(pk=sending.pk).update(status="sending", leased_until=past)
    Delivery.objects.filter(pk=fresh.pk).update(status="sending", leased_until=future)
    Delivery.objects.filter(pk=waiting.pk).update(leased_until=past)
    assert rescue(NOW) == 1
    assert rescue(NOW) == 0
    assert states(sending, fresh, waiting) == ["uncertain", "sending", "queued"]
    sending.refresh_from_db()
    assert (sending.reason, sending.ended_at) == (reasons.WORKER_LOST, NOW)
    assert next_due(NOW) == waiting.due_at


def test_someone_erased_between_two_mails_hinders_nobody(rude_server, message, another_gate):
    _first, second, _third = some(3, message)
    another_gate(lambda: second.contact.delete() if second.contact.pk else None)
    deliver(NOW)
    assert states() == ["sent", "sent"]
    assert len(rude_server.accepted) == 2


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_database_that_hangs_up_during_a_mail_hears_of_it_on_the_next_connection(rude_server, message, database_url):
    first, second, third = some(3, message)

    rude_server.call_at("dot", lambda: hang_up_all(database_url), skip=1)
    with pytest.raises(OperationalError):
        deliver(NOW)
    assert states(first, second, third) == ["sent", "sent", "queued"]
    assert deliver(NOW) == 1
    assert set(rude_server.message_ids.values()) == {1}


@pytest.mark.django_db(transaction=True)
def test_a_commit_of_which_nobody_hears_puts_no_mail_in_doubt_that_never_left(rude_server, message, monkeypatch):
    """The connection breaks after the database has written that the second mail begins, and before it says so."""
    first, second, third = some(3, message)
    go_on, broken = handover.go_on, []

    def go_on_and_break(before, delivery, *args, **kwargs):
        told = go_on(before, delivery, *args, **kwargs)
        if delivery.pk == second.pk and not broken:
            broken.append(delivery)
            connection.close()
            raise OperationalError("server closed the connection unexpectedly")
        return told

    monkeypatch.setattr(handover, "go_on", go_on_and_break)
    with pytest.raises(OperationalError):
        deliver(NOW)
    assert states(first, second, third) == ["sent", "queued", "queued"]
    second.refresh_from_db()
    assert (second.attempts, second.lease_token, second.due_at) == (0, None, NOW)
    assert deliver(NOW) == 2
    assert set(rude_server.message_ids.values()) == {1}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_database_that_restarts_during_a_mail_is_waited_for(rude_server, message, database_url, monkeypatch):
    some(2, message)
    mine, connect, refused = connections["default"], connection.get_new_connection, []
    monkeypatch.setattr(handover, "PAUSES", (0.0, 0.0, 0.0))

    def is_starting_up(parameters):
        if len(refused) == 2:
            return connect(parameters)
        refused.append(parameters)
        raise psycopg.OperationalError("the database system is starting up")

    def restart():
        hang_up_all(database_url)
        monkeypatch.setattr(mine, "get_new_connection", is_starting_up)

    rude_server.call_at("dot", restart)
    with pytest.raises(OperationalError):
        deliver(NOW)
    assert len(refused) == 2
    assert states() == ["sent", "queued"]
