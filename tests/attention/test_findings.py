"""Each finder, once quiet and once speaking: what is so, what to do, where."""

from __future__ import annotations

import uuid

from datetime import timedelta

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.drawing import choosing, key
from wagtail_flows import runner as runners
from wagtail_flows.contrib.django_q2.schedule import ensure_schedule
from wagtail_flows.engine import attention as people
from wagtail_flows.engine.models import Enrollment, Heartbeat
from wagtail_flows.events.models import Event
from wagtail_flows.lib import attention, clock
from wagtail_flows.lib.attention import MOST_COUNTED, Finding, Severity, in_words
from wagtail_flows.messages import attention as mail
from wagtail_flows.messages import reasons
from wagtail_flows.messages.deliver import deliver
from wagtail_flows.messages.leasing import lease
from wagtail_flows.messages.models import Delivery, Message, SendingRates, WebhookEndpoint
from wagtail_flows.scenarios import attention as scenarios
from wagtail_flows.scenarios.models import Scenario
from wagtail_flows.segments import attention as segments
from wagtail_flows.segments.models import Segment
from wagtail_flows.shop import attention as shops
from wagtail_flows.shop.models import ReceivedWebhook, Shop


pytestmark = pytest.mark.django_db(transaction=True)

HOUR = timedelta(hours=1)


def only(finder, now=None):
    (found,) = finder(now or clock.now())
    return found


def test_a_healthy_site_needs_no_attention(story, runner):
    ensure_schedule(using="default")
    assert attention.findings(clock.now()) == []


def test_people_who_are_stuck_are_told_by_scenario_step_and_error(story):
    story.publish("placed > wait 1d > send thanks")
    for name in ("alice", "bob", "chloe"):
        story.happens("order.placed", story.contact(name), f"order:{name}")
    story.run()
    assert list(people.parked(story.now)) == []
    Enrollment.objects.update(status="parked", due_at=None, error="KeyError: 'name'")
    Enrollment.objects.filter(subject="order:chloe").update(error="StepLost: gone")
    first, second = people.parked(story.now)
    assert (first.count, second.count) == (2, 1)
    assert first.text == "2 people are stuck in “Story” at the step “wait-1”: KeyError: 'name'"
    assert "status=parked" in first.url
    assert "error=KeyError" in first.url
    assert first.severity is Severity.BROKEN


def test_steps_that_fail_are_told_before_anybody_is_stuck(story):
    story.publish("placed > wait 1d > send thanks")
    story.happens("order.placed", story.contact())
    story.run()
    assert list(people.failing(story.now)) == []
    Enrollment.objects.update(attempts=2, error="ValueError: no")
    assert only(people.failing).text.startswith("A step fails for 1 person in “Story”")


def test_doubtful_mail_is_told(delivery):
    assert list(mail.uncertain(clock.now())) == []
    delivery(status="uncertain", ended_at=clock.now() - HOUR)
    delivery(status="uncertain", ended_at=clock.now())
    found = only(mail.uncertain)
    assert (found.count, found.about) == (2, Delivery)
    assert clock.now() - found.since > HOUR


def test_failed_mail_is_told_by_reason_for_a_day(delivery):
    delivery(status="failed", reason=reasons.RENDERING_FAILED, ended_at=clock.now())
    delivery(status="failed", reason=reasons.MAILBOX_FULL, ended_at=clock.now())
    delivery(status="failed", reason=reasons.TOO_LARGE, ended_at=clock.now() - timedelta(days=2))
    found = {one.text: one.severity for one in mail.failed(clock.now())}
    assert found == {
        "1 e-mail failed since yesterday: The e-mail couldn't be rendered.": Severity.WARNING,
        "1 e-mail failed since yesterday: The mailbox is full.": Severity.NOTE,
    }


def test_mail_left_behind_is_told_once_a_runner_should_have_found_it(delivery):
    left = delivery(status="sending", leased_until=clock.real_now() - timedelta(minutes=1))
    assert list(mail.abandoned(clock.now())) == []
    Delivery.objects.filter(pk=left.pk).update(leased_until=clock.real_now() - HOUR)
    assert only(mail.abandoned).severity is Severity.BROKEN


def test_what_waits_for_a_channel_that_isnt_installed_is_told(delivery, admin_client):
    delivery(channel="webhook", stream="transactional", basis="transaction")
    assert list(mail.orphaned(clock.now())) == []
    for _number in range(2):
        delivery(channel="fax")
    delivery(channel="fax", due_at=clock.now() + HOUR)
    delivery(channel="webhook", stream="commercial", status="sent")
    found = only(mail.orphaned)
    assert (found.code, found.count, found.about) == ("deliveries.orphaned", 2, Delivery)
    assert found.text == "2 deliveries wait for a channel that isn't installed: fax, commercial."
    assert admin_client.get(found.url).context["paginator"].count == 3


def test_what_waits_for_a_queue_that_its_channel_no_longer_has_is_told(delivery):
    delivery(channel="webhook", stream="commercial")
    assert "webhook, commercial" in only(mail.orphaned).text


def test_a_mail_server_that_does_not_answer_is_told_with_its_error(delivery):
    delivery()
    assert list(mail.unreachable(clock.now())) == []
    rests = {"reason": reasons.SERVER_UNREACHABLE, "due_at": clock.now() + timedelta(minutes=10)}
    delivery(error="535 wrong password", **rests)
    assert "535 wrong password" in only(mail.unreachable).text


def test_a_scenario_that_names_what_is_gone_is_told(story):
    story.publish("placed > send thanks > send more")
    assert list(scenarios.lamed(story.now)) == []
    Message.objects.filter(translation_key=key("thanks")).update(live=False)
    Message.objects.filter(translation_key=key("more")).delete()
    found = only(scenarios.lamed)
    assert found.count == 2
    assert "isn't published" in found.text
    assert "There is no e-mail" in found.text


def test_a_scenario_whose_webhook_was_switched_off_is_told(story):
    endpoint = WebhookEndpoint.objects.create(name="Stock", url="https://stock.example/hook")
    call = {"kind": "call_webhook", "webhook": str(endpoint.public_id), "contact": ["email"]}
    story.publish_graph(choosing("placed", call, next="exit"))
    assert list(scenarios.lamed(story.now)) == []
    WebhookEndpoint.objects.update(is_active=False)
    assert "choose: The webhook endpoint “Stock” isn't active" in only(scenarios.lamed).text


def test_a_scenario_whose_kind_of_step_is_gone_is_told(story):
    published = story.publish("placed > send thanks")
    graph = published.current_version.graph
    graph["steps"][0]["kind"] = "telepathy"
    type(published.current_version).objects.filter(pk=published.current_version_id).update(graph=graph)
    assert "send-1: “kind” must be one of" in only(scenarios.lamed).text


def test_a_paused_scenario_is_a_note(story):
    published = story.publish("placed > send thanks")
    Scenario.objects.filter(pk=published.pk).update(is_paused=True)
    assert only(scenarios.paused).severity is Severity.NOTE


def test_many_scenarios_cost_as_many_questions_as_one(story):
    story.publish("placed > send thanks")
    with CaptureQueriesContext(connection) as few:
        list(scenarios.lamed(story.now))
    for _number in range(5):
        story.publish("placed > send more")
    with CaptureQueriesContext(connection) as many:
        list(scenarios.lamed(story.now))
    assert len(few) == len(many)


def test_a_segment_that_cannot_be_asked_is_told(db):
    rule = {"match": "all", "rules": [{"field": "property.gone", "operator": "is", "value": "x"}]}
    whole = {"match": "all", "rules": [{"field": "contact.locale", "operator": "is", "value": "fr"}]}
    Segment.objects.create(name="Whole", rule=whole)
    Segment.objects.create(name="By hand", kind="static")
    Segment.objects.create(name="Broken", rule=rule)
    assert "“Broken” can't be asked" in only(segments.broken).text


def webhook(shop, **fields):
    values = {"digest": uuid.uuid4().hex, "size": 1, "received_at": clock.now(), **fields}
    return ReceivedWebhook.objects.create(shop=shop, **values)


def test_webhooks_that_were_given_up_are_told_by_shop(shop):
    webhook(shop, status="applied")
    assert list(shops.unreadable(clock.now())) == []
    webhook(shop, status="failed", reason="no order in it")
    found = only(shops.unreadable)
    assert "no order in it" in found.text
    assert f"shop={shop.pk}" in found.url
    assert list(shops.unreadable(clock.now() + timedelta(days=31))) == []


def test_refused_requests_are_told_for_a_day(shop):
    assert list(shops.refused(clock.now())) == []
    Shop.objects.update(last_refused_at=clock.now(), refused_count=7)
    assert only(shops.refused).count == 7
    assert list(shops.refused(clock.now() + timedelta(days=2))) == []


def test_a_shop_that_tells_nothing_for_a_week_is_told_unless_it_is_not_active(shop):
    later = clock.now() + timedelta(days=8)
    assert "never told" in only(shops.silent, later).text
    webhook(shop, status="applied", received_at=later - timedelta(days=6))
    assert list(shops.silent(later)) == []
    assert "more than a week" in only(shops.silent, later + timedelta(days=2)).text
    Shop.objects.update(is_active=False)
    assert list(shops.silent(later + timedelta(days=2))) == []


def test_that_nobody_works_is_told(db):
    ensure_schedule(using="default")
    Heartbeat.objects.update(beat_at=None)
    assert only(runners.not_working).text == "No runner has ever worked."
    Heartbeat.objects.update(beat_at=clock.real_now() - HOUR)
    assert only(runners.not_working).text == "No runner works any more."
    Heartbeat.objects.update(beat_at=clock.real_now())
    assert list(runners.not_working(clock.now())) == []


def test_what_is_overdue_is_told_by_phase_and_worse_when_it_is_long(story):
    story.publish("placed > wait 1d > send thanks")
    story.happens("order.placed", story.contact())
    with clock.moved(story.now):
        assert list(runners.overdue(story.now)) == []
    found = only(runners.overdue, story.now + timedelta(minutes=10))
    assert (found.code, found.severity) == ("overdue.events", Severity.WARNING)
    assert only(runners.overdue, story.now + 2 * HOUR).severity is Severity.BROKEN
    story.run()
    assert Event.objects.filter(matched_at=None).count() == 0
    assert only(runners.overdue, story.now + timedelta(days=2)).code == "overdue.enrollments"


@pytest.fixture
def newsletter(delivery, message):
    """Four e-mails that were due two hours ago, of which one a minute may leave."""
    message("thanks")
    SendingRates.objects.create(commercial_a_minute=1)
    long_ago = clock.now() - 2 * HOUR
    for _number in range(4):
        delivery(message_key=key("thanks"), queued_at=long_ago, due_at=long_ago)


def overdue_codes(now):
    return [one.code for one in runners.overdue(now)]


def test_what_waits_for_its_turn_under_a_rate_is_not_overdue_while_some_leave(newsletter):
    start = clock.now()
    assert overdue_codes(start) == ["overdue.deliveries"]
    for minute in range(3):
        with clock.moved(start + timedelta(minutes=minute)):
            deliver(clock.now())
        assert Delivery.objects.filter(status="sent").count() == minute + 1
        for seconds in (1, 59, 240):
            with clock.moved(start + timedelta(minutes=minute, seconds=seconds)):
                assert overdue_codes(clock.now()) == []
    with clock.moved(start + timedelta(minutes=8)):
        assert overdue_codes(clock.now()) == ["overdue.deliveries"]


def test_tokens_that_are_taken_by_who_fails_with_each_batch_dont_hide_that(newsletter):
    lease("email", "commercial", clock.now())
    Delivery.objects.update(lease_token=None, leased_until=None)
    with clock.moved(clock.now() + timedelta(minutes=1)):
        assert overdue_codes(clock.now()) == ["overdue.deliveries"]


def test_a_queue_without_a_rate_is_overdue_however_it_moves(newsletter):
    SendingRates.objects.all().delete()
    delivery = Delivery.objects.order_by("-pk")[0]
    Delivery.objects.filter(pk=delivery.pk).update(status="sent", sending_at=clock.now())
    assert overdue_codes(clock.now()) == ["overdue.deliveries"]


@pytest.mark.parametrize("limit", ["quiet hours", "cap", "warm-up"])
def test_what_a_limit_holds_back_is_not_overdue(newsletter, settings, limit):
    SendingRates.objects.all().delete()
    noon = clock.now().replace(hour=12) + timedelta(days=1)
    if limit == "quiet hours":
        settings.FLOWS_QUIET_HOURS = "08:00-20:00"
    elif limit == "cap":
        settings.FLOWS_FREQUENCY_CAPS = {"commercial": {"a_day": 1}}
    else:
        values = {"starts_on": noon.date(), "first": 1, "growth": 10, "until": 100}
        SendingRates.objects.create(**{f"warm_up_{name}": value for name, value in values.items()})
    assert overdue_codes(noon) == ["overdue.deliveries"]
    # Who makes way for another under a cap is looked at again after two minutes.
    for moment in (noon, noon + timedelta(minutes=3)):
        with clock.moved(moment):
            deliver(moment)
    assert Delivery.objects.filter(status="queued").count() >= 3
    with clock.moved(noon + 3 * HOUR):
        assert overdue_codes(noon + 3 * HOUR) == []


def test_the_worst_comes_first_and_a_finder_that_fails_is_told_too(story, runner):
    def breaks(now):
        raise ValueError

    def notes(now):
        yield Finding("test.note", Severity.NOTE, "a", "b")
        yield Finding("test.broken", Severity.BROKEN, "a", "b")

    ensure_schedule(using="default")
    before = list(attention._finders)
    try:
        attention.register(notes)
        attention.register(notes)
        attention.register(breaks)
        codes = [one.code for one in attention.findings(clock.now())]
    finally:
        attention._finders[:] = before
    assert codes == ["test.broken", "finder.failed", "test.note"]


def test_a_finder_that_takes_too_long_is_given_up(monkeypatch, db):
    def slow(now):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_sleep(5)"
                if connection.vendor == "postgresql"
                else "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
            )
        yield Finding("never", Severity.NOTE, "", "")

    monkeypatch.setattr(attention, "LONGEST_SECONDS", 0.1)
    monkeypatch.setattr(attention, "_finders", [slow])
    assert [one.code for one in attention.findings(clock.now())] == ["finder.slow"]


def test_numbers_are_counted_up_to_a_bound():
    assert in_words(3) == "3"
    assert in_words(MOST_COUNTED).endswith("or more")
