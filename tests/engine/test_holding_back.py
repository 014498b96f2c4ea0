"""The site's limits at the hand-over: frequency cap, priority, quiet hours, and what is too late."""

from datetime import UTC, datetime, time, timedelta
from threading import Event

import pytest

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.messages.deliveries import NOW, a_contact, a_message, queued, states
from tests.together import at_the_same_time, without_errors
from wagtail_flows.engine.holding_back import FREQUENCY_CAP, OUTRANKED, QUIET_HOURS, TOO_LATE, within_limits
from wagtail_flows.lib import clock
from wagtail_flows.messages.deliver import deliver, next_due
from wagtail_flows.messages.gates import Hold, Skip
from wagtail_flows.models import Delivery, Scenario, SendingLimits


HOUR = timedelta(hours=1)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _site(wagtail_site):
    with clock.moved(NOW):
        yield


@pytest.fixture
def limits(wagtail_site):
    """Sets the limits of the default site."""

    def made(**values: object) -> SendingLimits:
        return SendingLimits.objects.update_or_create(site=wagtail_site, defaults=values)[0]

    return made


@pytest.fixture
def news():
    return a_message("News")


@pytest.fixture
def receipt():
    return a_message("Receipt", stream="transactional", basis="transaction")


def a_scenario(priority: int = Scenario.Priority.NORMAL, **values: object) -> Scenario:
    return Scenario.objects.create(name=f"Priority {priority}", priority=priority, **values)


def sent(contact, message, at: datetime, **values: object) -> Delivery:
    delivery = queued(contact, message.translation_key, **values)
    Delivery.objects.filter(pk=delivery.pk).update(status="sent", sending_at=at, ended_at=at)
    return delivery


def verdict(delivery: Delivery):
    return within_limits([Delivery.objects.get(pk=delivery.pk)]).get(delivery.pk)


def test_without_limits_nothing_is_held_back(news):
    contact = a_contact()
    for hours in range(1, 9):
        sent(contact, news, NOW - hours * HOUR)
    assert verdict(queued(contact, news.translation_key)) is None


def test_one_too_many_waits_until_there_is_room(limits, news):
    limits(most_a_day=2)
    contact = a_contact()
    sent(contact, news, NOW - 20 * HOUR)
    assert verdict(queued(contact, news.translation_key)) is None
    sent(contact, news, NOW - 3 * HOUR)
    assert verdict(queued(contact, news.translation_key)) == Hold(NOW + 4 * HOUR, FREQUENCY_CAP)


@pytest.mark.parametrize(("status", "counts"), [("sending", True), ("uncertain", True), ("failed", False)])
def test_what_may_have_arrived_counts_and_what_certainly_did_not_does_not(limits, news, status, counts):
    limits(most_a_day=1)
    contact = a_contact()
    Delivery.objects.filter(pk=sent(contact, news, NOW - HOUR).pk).update(status=status)
    assert (verdict(queued(contact, news.translation_key)) is not None) is counts


def test_transactional_mail_neither_counts_nor_waits(limits, news, receipt):
    limits(most_a_day=1, quiet_from=time(0), quiet_until=time(23, 59))
    limits(quiet_from=None, quiet_until=None)
    contact = a_contact()
    sent(contact, receipt, NOW - HOUR)
    assert verdict(queued(contact, news.translation_key)) is None
    sent(contact, news, NOW - HOUR)
    assert verdict(queued(contact, receipt.translation_key)) is None


@pytest.mark.parametrize(("channel", "is_capped"), [("webhook", False), ("sms", True)])
def test_what_goes_to_another_machine_is_not_capped_and_a_text_is(limits, news, channel, is_capped):
    limits(most_a_day=1)
    contact = a_contact()
    sent(contact, news, NOW - HOUR)
    Delivery.objects.update(channel=channel)
    delivery = queued(contact, news.translation_key)
    Delivery.objects.update(channel=channel)
    assert (verdict(delivery) is not None) is is_capped


def test_a_text_does_not_use_up_the_cap_of_e_mails(limits, news):
    limits(most_a_day=1)
    contact = a_contact()
    sent(contact, news, NOW - HOUR)
    Delivery.objects.update(channel="sms")
    assert verdict(queued(contact, news.translation_key)) is None


def test_another_contact_has_a_cap_of_their_own(limits, news):
    limits(most_a_day=1)
    sent(a_contact("bob@example.org"), news, NOW - HOUR)
    assert verdict(queued(a_contact(), news.translation_key)) is None


def test_a_developer_may_cap_any_stream(settings, receipt):
    settings.FLOWS_FREQUENCY_CAPS = {"transactional": {"a_day": 1}}
    contact = a_contact()
    sent(contact, receipt, NOW - HOUR)
    assert verdict(queued(contact, receipt.translation_key)) == Hold(NOW + 23 * HOUR, FREQUENCY_CAP)


def test_what_the_site_says_goes_before_what_the_developer_says(settings, limits, news):
    settings.FLOWS_FREQUENCY_CAPS = {"commercial": {"a_day": 1}}
    limits(most_a_day=2)
    contact = a_contact()
    sent(contact, news, NOW - HOUR)
    assert verdict(queued(contact, news.translation_key)) is None


def test_a_cap_that_opens_too_late_skips_with_the_reason(limits, news):
    limits(most_a_week=1)
    contact = a_contact()
    sent(contact, news, NOW - 2 * HOUR)
    assert verdict(queued(contact, news.translation_key)) == Skip(FREQUENCY_CAP)


def test_the_step_may_say_for_how_long_it_is_worth_sending(limits, news):
    limits(most_a_day=1)
    contact = a_contact()
    sent(contact, news, NOW - 2 * HOUR)
    with clock.moved(NOW):
        hasty = queued(contact, news.translation_key, late=4 * HOUR)
        patient = queued(contact, news.translation_key, late=30 * HOUR)
    assert verdict(hasty) == Skip(FREQUENCY_CAP)
    assert verdict(patient) == Hold(NOW + 22 * HOUR, FREQUENCY_CAP)


def test_what_became_too_late_for_whatever_reason_is_skipped(news):
    delivery = queued(a_contact(), news.translation_key, late=4 * HOUR)
    with clock.moved(NOW + 4 * HOUR):
        assert verdict(delivery) is None
    with clock.moved(NOW + 4 * HOUR + timedelta(seconds=1)):
        assert verdict(delivery) == Skip(TOO_LATE)


def test_where_there_is_room_for_one_the_higher_priority_goes(limits, news):
    limits(most_a_day=1)
    contact = a_contact()
    low = queued(contact, news.translation_key, scenario_id=a_scenario(Scenario.Priority.LOW).pk)
    plain = queued(contact, news.translation_key)
    high = queued(contact, news.translation_key, scenario_id=a_scenario(Scenario.Priority.HIGH).pk)
    held = within_limits(list(Delivery.objects.order_by("pk")))
    assert set(held) == {low.pk, plain.pk}
    assert {one.reason for one in held.values()} == {OUTRANKED}
    assert verdict(high) is None


def test_a_paused_scenario_of_higher_priority_holds_up_nobody(limits, news):
    limits(most_a_day=1)
    contact = a_contact()
    paused = a_scenario(Scenario.Priority.HIGH, is_paused=True)
    queued(contact, news.translation_key, scenario_id=paused.pk)
    assert verdict(queued(contact, news.translation_key)) is None


def test_of_several_due_at_once_the_most_important_is_sent_and_the_rest_comes_later(rude_server, limits, news):
    limits(most_a_day=1, hold_hours=30)
    contact = a_contact()
    low = queued(contact, news.translation_key, scenario_id=a_scenario(Scenario.Priority.LOW).pk)
    high = queued(contact, news.translation_key, scenario_id=a_scenario(Scenario.Priority.HIGH).pk)
    third = queued(contact, news.translation_key)
    assert deliver(NOW) == 1
    assert states(low, high, third) == ["queued", "sent", "queued"]
    soon = NOW + 2 * timedelta(minutes=1)
    with clock.moved(soon):
        assert deliver(soon) == 0
    tomorrow = next_due(NOW)
    assert tomorrow == NOW + timedelta(days=1)
    with clock.moved(tomorrow):
        assert deliver(tomorrow) == 1
    assert states(low, high, third) == ["queued", "sent", "sent"]
    later = tomorrow + 10 * timedelta(minutes=1)
    with clock.moved(later):
        assert deliver(later) == 1
    low.refresh_from_db()
    assert (low.status, low.reason, low.attempts) == ("skipped", FREQUENCY_CAP, 0)
    assert len(rude_server.accepted) == 2


PARIS_SPRING = datetime(2030, 3, 30, 22, 30, tzinfo=UTC)  # 23:30 in Paris; at 02:00 the clocks go to 03:00


@pytest.mark.parametrize(
    ("zone", "now", "opens"),
    [
        # Until 08:00 of the next morning, which is an hour nearer in the night of spring.
        ("Europe/Paris", PARIS_SPRING, datetime(2030, 3, 31, 6, tzinfo=UTC)),
        ("Europe/Paris", datetime(2030, 3, 29, 22, 30, tzinfo=UTC), datetime(2030, 3, 30, 7, tzinfo=UTC)),
        ("Europe/Paris", datetime(2030, 10, 26, 21, 30, tzinfo=UTC), datetime(2030, 10, 27, 7, tzinfo=UTC)),
        ("Asia/Kathmandu", datetime(2030, 5, 17, 16, tzinfo=UTC), datetime(2030, 5, 18, 2, 15, tzinfo=UTC)),
        ("America/New_York", datetime(2030, 5, 17, 2, tzinfo=UTC), datetime(2030, 5, 17, 12, tzinfo=UTC)),
        ("Pacific/Apia", datetime(2030, 5, 17, 8, 30, tzinfo=UTC), datetime(2030, 5, 17, 19, tzinfo=UTC)),
        ("Europe/Paris", datetime(2030, 5, 17, 12, tzinfo=UTC), None),
        ("Nowhere/Land", datetime(2030, 5, 17, 12, tzinfo=UTC), None),
    ],
)
def test_quiet_hours_are_those_of_the_contacts_clock(limits, news, receipt, zone, now, opens):
    limits(quiet_from=time(21), quiet_until=time(8))
    contact = a_contact(time_zone=zone)
    with clock.moved(now):
        delivery = queued(contact, news.translation_key, due_at=now)
        Delivery.objects.update(queued_at=now)
        assert verdict(delivery) == (Hold(opens, QUIET_HOURS) if opens else None)
        assert verdict(queued(contact, receipt.translation_key)) is None


def test_quiet_hours_of_the_installation_hold_where_the_site_says_nothing(settings, news):
    settings.FLOWS_QUIET_HOURS = "11:00-15:30"
    assert verdict(queued(a_contact(time_zone="UTC"), news.translation_key)) == Hold(NOW + 3.5 * HOUR, QUIET_HOURS)


def test_what_is_not_worth_waiting_for_the_morning_is_skipped(limits, news):
    limits(quiet_from=time(11), quiet_until=time(20))
    delivery = queued(a_contact(time_zone="UTC"), news.translation_key, late=2 * HOUR)
    assert verdict(delivery) == Skip(QUIET_HOURS)


def test_each_mail_asks_for_no_more_than_two_things_again(limits, news):
    limits(most_a_day=3, quiet_from=time(1), quiet_until=time(2))
    people = [a_contact(f"p{number}@example.org") for number in range(9)]
    for one in people:
        queued(one, news.translation_key)
    deliveries = list(Delivery.objects.select_related("contact", "mailing_list"))
    with CaptureQueriesContext(connection) as batch:
        assert within_limits(deliveries) == {}
    assert len(batch) <= 3
    with CaptureQueriesContext(connection) as alone, transaction.atomic():
        within_limits(deliveries[:1])
    asked = [query["sql"] for query in alone if "SAVEPOINT" not in query["sql"]]
    assert len(asked) <= 2


def test_without_a_cap_a_mail_asks_nothing_again(limits, news, django_assert_num_queries):
    limits(quiet_from=time(1), quiet_until=time(2))
    queued(a_contact(), news.translation_key)
    deliveries = list(Delivery.objects.select_related("contact", "mailing_list"))
    within_limits(deliveries)
    with django_assert_num_queries(0):
        within_limits(deliveries)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("most", [1, 3])
def test_two_workers_at_once_do_not_both_send_the_last_one_allowed(rude_server, limits, news, settings, most):
    """Each worker leases one mail at a time, all of them to the same contact."""
    settings.FLOWS_DELIVERY_BATCH_SIZE = 1
    limits(most_a_day=most)
    contact = a_contact()
    for _number in range(8):
        queued(contact, news.translation_key)
    without_errors(at_the_same_time(*[lambda: deliver(NOW)] * 4))
    for minutes in (2, 4, 6, 8):
        with clock.moved(NOW + timedelta(minutes=minutes)):
            deliver(NOW + timedelta(minutes=minutes))
    assert states().count("sent") == most
    assert len(rude_server.accepted) == most


@pytest.mark.django_db(transaction=True)
def test_what_is_queued_while_the_last_one_allowed_begins_waits_for_it(limits, news):
    """Of higher priority, it would go first; but the other worker has looked already, and not committed yet."""
    limits(most_a_day=1)
    contact, urgent = a_contact(), a_scenario(Scenario.Priority.HIGH)
    low = queued(contact, news.translation_key)
    has_looked, has_answered = Event(), Event()

    def begin_the_low_one():
        with transaction.atomic():
            found = within_limits([Delivery.objects.get(pk=low.pk)])
            has_looked.set()
            has_answered.wait(1)  # in vain: the other waits for the contact
            Delivery.objects.filter(pk=low.pk).update(status="sending", sending_at=NOW)
        return found

    def look_at_the_high_one():
        has_looked.wait(20)
        high = queued(contact, news.translation_key, scenario_id=urgent.pk)
        with transaction.atomic():
            found = within_limits([Delivery.objects.get(pk=high.pk)])
        has_answered.set()
        return list(found.values())

    answers = without_errors(at_the_same_time(begin_the_low_one, look_at_the_high_one))
    assert answers == [{}, [Hold(NOW + 24 * HOUR, FREQUENCY_CAP)]]
