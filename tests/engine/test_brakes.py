"""Brakes of a scenario: what has gone wild stops, says why, and goes on when a person says so."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from wagtail.models import ModelLogEntry, Page, Site

from tests.drawing import scenario as drawn
from tests.messages.deliveries import MINUTE, NOW, a_contact, a_message, queued, states
from wagtail_flows.contacts.address import key_hash
from wagtail_flows.contacts.models import Contact, ContactProperty, Property
from wagtail_flows.contacts.suppressions import suppress
from wagtail_flows.engine.brakes.forecast import LEAST, _on_a_usual_day, _patient, forecast, foreseen
from wagtail_flows.engine.brakes.gate import within_brakes
from wagtail_flows.engine.brakes.models import SendingHour
from wagtail_flows.engine.carrying_out import carry_out
from wagtail_flows.engine.publications import let_in_audiences
from wagtail_flows.lib import clock
from wagtail_flows.lib.attention import Severity
from wagtail_flows.messages.deliver import deliver
from wagtail_flows.messages.providers import (
    BOUNCE_SAMPLE,
    COMPLAINT_SAMPLE,
    MOST_BOUNCES,
    MOST_COMPLAINTS,
    is_too_high,
    percent,
    provider_of,
)
from wagtail_flows.models import Delivery, Enrollment, Event, Scenario, ScenarioVersion
from wagtail_flows.scenarios.attention import braked, paused
from wagtail_flows.scenarios.brakes import BOUNCES, COMPLAINTS, CONTACT_DAY, HOUR, Tripped, brake_text
from wagtail_flows.scenarios.pausing import brake, pause, resume


pytestmark = pytest.mark.django_db
ONE_HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _site(wagtail_site):
    with clock.moved(NOW):
        yield


@pytest.fixture
def scenario(db) -> Scenario:
    return Scenario.objects.create(name="Loop")


@pytest.fixture
def news(wagtail_site):
    return a_message("News")


def handed_over(contact, scenario, at=NOW, status="sent", count=1, **values) -> None:
    """Deliveries of the past, in bulk."""
    Delivery.objects.bulk_create(
        Delivery(
            contact=contact,
            address=contact.address,
            scenario=scenario,
            stream="commercial",
            basis="existing_customer",
            status=status,
            queued_at=at,
            due_at=at,
            sending_at=at,
            **values,
        )
        for _number in range(count)
    )


def people(count: int, domain: str = "example.org") -> list[Contact]:
    keys = [f"person{number}@{domain}" for number in range(count)]
    return Contact.objects.bulk_create(
        Contact(address=key, key=key, key_hash=key_hash(key), created_at=NOW) for key in keys
    )


def brake_of(scenario: Scenario) -> tuple[bool, str]:
    scenario.refresh_from_db()
    return scenario.is_paused, scenario.brake


# One contact in a day


def test_a_scenario_that_writes_to_one_contact_again_and_again_is_stopped(rude_server, scenario, news):
    contact = a_contact()
    for _number in range(9):
        queued(contact, news.translation_key, scenario_id=scenario.pk)
        deliver(NOW)
    assert len(rude_server.accepted) == 5
    assert brake_of(scenario) == (True, CONTACT_DAY)
    assert scenario.paused_at == NOW
    assert scenario.brake_numbers == {"contact": contact.pk, "most": 5}
    assert states().count("queued") == 4
    assert set(Delivery.objects.filter(status="queued").values_list("reason", flat=True)) == {"paused"}


def test_the_brake_counts_what_stands_in_one_batch_too(rude_server, scenario, news):
    for _number in range(6):
        queued(a_contact(), news.translation_key, scenario_id=scenario.pk)
    deliver(NOW)
    assert len(rude_server.accepted) == 0
    assert brake_of(scenario) == (True, CONTACT_DAY)


@pytest.mark.parametrize(("status", "counts"), [("sent", True), ("uncertain", True), ("failed", False)])
def test_only_what_may_have_arrived_counts(scenario, news, status, counts):
    contact = a_contact()
    handed_over(contact, scenario, NOW - ONE_HOUR, status, count=5)
    within_brakes([queued(contact, news.translation_key, scenario_id=scenario.pk)])
    assert brake_of(scenario)[0] is counts


def test_other_days_other_contacts_and_other_scenarios_do_not_count(scenario, news):
    contact, other = a_contact(), Scenario.objects.create(name="Other")
    handed_over(contact, scenario, NOW - DAY, count=5)
    handed_over(a_contact("bob@example.org"), scenario, NOW - ONE_HOUR, count=5)
    handed_over(contact, other, NOW - ONE_HOUR, count=5)
    assert within_brakes([queued(contact, news.translation_key, scenario_id=scenario.pk)]) == {}


def test_each_scenario_has_a_limit_of_its_own(scenario, news):
    Scenario.objects.update(most_to_contact_a_day=1)
    contact = a_contact()
    handed_over(contact, scenario, NOW - ONE_HOUR)
    within_brakes([queued(contact, news.translation_key, scenario_id=scenario.pk)])
    assert brake_of(scenario) == (True, CONTACT_DAY)


def test_what_a_gate_holds_back_anyway_pulls_no_brake(rude_server, scenario, news, settings):
    settings.FLOWS_QUIET_HOURS = "11:00-15:00"
    for _number in range(9):
        queued(a_contact(time_zone="UTC"), news.translation_key, scenario_id=scenario.pk)
    deliver(NOW)
    assert brake_of(scenario) == (False, "")


def test_a_loop_gone_wild_is_stopped_by_the_brake(rude_server, story):
    """A scenario without any wait in its circle would write without end: others of it wake it by an event."""
    story.publish("order.placed every_time > send thanks > exit")
    contact = story.contact()
    with clock.moved(story.now):
        deliver(story.now)
    for number in range(20):
        story.happens("order.placed", contact, f"order:{number}")
        story.run()
        with clock.moved(story.now):
            deliver(story.now)
    assert len(rude_server.accepted) == 5
    assert brake_of(Scenario.objects.get()) == (True, CONTACT_DAY)


# Being stopped, and going on


def test_a_brake_is_told_once_in_the_history_and_in_the_log(scenario, news, caplog):
    contact = a_contact()
    handed_over(contact, scenario, NOW - ONE_HOUR, count=5)
    for _worker in range(2):
        within_brakes([queued(contact, news.translation_key, scenario_id=scenario.pk)])
    (entry,) = ModelLogEntry.objects.filter(action="wagtail_flows.brake")
    assert entry.object_id == str(scenario.pk)
    assert "more than 5 e-mails" in entry.formatter.format_message(entry)
    assert caplog.text.count("A brake paused the scenario “Loop”") == 1
    assert "alice@example.org" not in caplog.text + str(entry.data)


def test_it_goes_on_when_a_person_resumes_it_and_stops_again_where_nothing_was_mended(rude_server, scenario, news):
    for _number in range(9):
        queued(a_contact(), news.translation_key, scenario_id=scenario.pk)
        deliver(NOW)
    now = NOW + 6 * MINUTE
    with clock.moved(now):
        assert resume(scenario)
        assert brake_of(scenario) == (False, "")
        assert (scenario.paused_at, scenario.brake_numbers, scenario.resumed_at) == (None, {}, now)
        assert deliver(now) == 4
    for minutes in range(7, 20):
        with clock.moved(NOW + minutes * MINUTE):
            queued(a_contact(), news.translation_key, scenario_id=scenario.pk, due_at=clock.now())
            deliver(clock.now())
    assert len(rude_server.accepted) == 10
    assert brake_of(scenario) == (True, CONTACT_DAY)


def test_pausing_by_hand_names_no_brake(scenario):
    pause(scenario)
    assert brake_of(scenario) == (True, "")
    assert scenario.paused_at == NOW
    assert brake_text(scenario.brake, scenario.brake_numbers) == ""


def test_a_revision_brings_back_neither_a_brake_nor_a_limit(scenario):
    revision = scenario.save_revision()
    Scenario.objects.update(is_paused=True, brake=HOUR, priority=3, most_an_hour=7, most_complaints=Decimal("0.1"))
    scenario.refresh_from_db()
    restored = revision.as_object()
    assert (restored.is_paused, restored.brake, restored.priority) == (True, HOUR, 3)
    assert (restored.most_an_hour, restored.most_complaints) == (7, Decimal("0.1"))


def test_a_brake_needs_attention_and_a_pause_by_hand_is_a_note(scenario):
    Scenario.objects.create(name="By hand", is_paused=True)
    brake(scenario, Tripped(HOUR, {"count": 1001, "most": 1000}))
    (found,) = braked(NOW)
    assert (found.code, found.since, found.severity) == ("scenarios.braked", NOW, Severity.BROKEN)
    assert "More e-mails than foreseen: 1,001 within an hour" in found.text
    assert [one.text for one in paused(NOW)] == ["“By hand” is paused: nobody inside moves on."]


# The hour


@given(st.lists(st.integers(0, 10**6), min_size=5, max_size=5))
def test_a_forecast_never_falls_below_what_is_known(known):
    assert foreseen(*known) >= max(LEAST, *known)


@pytest.mark.parametrize(
    ("busiest", "announced", "waiting", "hour"),
    [(0, 0, 0, 1000), (333, 0, 0, 1000), (400, 0, 0, 1200), (0, 2000, 0, 3000), (0, 0, 2001, 3002)],
)
def test_the_forecast_is_simple(busiest, announced, waiting, hour):
    assert foreseen(busiest, announced, waiting) == hour


def test_more_than_foreseen_stops_the_scenario(rude_server, scenario, news, monkeypatch):
    SendingHour.objects.create(scenario=scenario, starts_at=NOW, count=LEAST - 1)
    one, two = (queued(contact, news.translation_key, scenario_id=scenario.pk) for contact in people(2))
    within_brakes([one])
    assert brake_of(scenario) == (False, "")
    SendingHour.objects.update(base=0)
    within_brakes([one, two])
    assert brake_of(scenario) == (True, HOUR)
    assert scenario.brake_numbers == {"count": 1001, "most": 1000}


def test_what_is_handed_over_is_counted_by_the_hour(rude_server, scenario, news):
    for contact in people(3):
        queued(contact, news.translation_key, scenario_id=scenario.pk)
    deliver(NOW)
    with clock.moved(NOW + ONE_HOUR):
        queued(a_contact(), news.translation_key, scenario_id=scenario.pk)
        deliver(NOW + ONE_HOUR)
    hours = SendingHour.objects.order_by("starts_at").values_list("starts_at", "count")
    assert list(hours) == [(NOW, 3), (NOW + ONE_HOUR, 1)]


def test_a_busy_fortnight_raises_the_forecast_and_older_hours_do_not(scenario, news):
    SendingHour.objects.create(scenario=scenario, starts_at=NOW - 15 * DAY, count=10_000)
    SendingHour.objects.create(scenario=scenario, starts_at=NOW - 3 * DAY, count=500)
    within_brakes([queued(a_contact(), news.translation_key, scenario_id=scenario.pk)])
    assert SendingHour.objects.get(starts_at=NOW).allowed == 1500


def test_a_limit_set_by_a_person_goes_before_the_forecast(scenario, news):
    SendingHour.objects.create(scenario=scenario, starts_at=NOW - 3 * DAY, count=500)
    Scenario.objects.update(most_an_hour=2)
    deliveries = [queued(contact, news.translation_key, scenario_id=scenario.pk) for contact in people(3)]
    assert within_brakes(deliveries[:2]) == {}
    assert set(within_brakes(deliveries)) == {one.pk for one in deliveries}
    assert brake_of(scenario) == (True, HOUR)


def test_whom_somebody_let_in_by_hand_was_foreseen(scenario, news):
    graph = {"triggers": [{"id": "t1", "kind": "manual"}], "steps": []}
    version = ScenarioVersion.objects.create(
        scenario=scenario, number=1, graph=graph, starts_with_events_after=NOW - 9 * DAY, published_at=NOW - 9 * DAY
    )
    Scenario.objects.update(current_version=version)
    Enrollment.objects.bulk_create(
        Enrollment(
            scenario=scenario,
            version=version,
            contact=one,
            trigger_id="t1",
            entry_key="k",
            step="s",
            step_entered_at=NOW,
            entered_at=NOW - ONE_HOUR,
        )
        for one in people(1000)
    )
    SendingHour.objects.create(scenario=scenario, starts_at=NOW, count=1400)
    within_brakes([queued(a_contact(), news.translation_key, scenario_id=scenario.pk)])
    assert brake_of(scenario) == (False, "")
    SendingHour.objects.update(count=1500, base=0)
    within_brakes([queued(a_contact(), news.translation_key, scenario_id=scenario.pk)])
    assert brake_of(scenario) == (True, HOUR)


def many_placed(count: int) -> None:
    """So many people who have each placed an order, long matched."""
    Event.objects.bulk_create(
        Event(
            kind="order.placed",
            contact=one,
            source="test",
            dedupe_key=f"order:{one.pk}",
            subject=f"order:{one.pk}",
            occurred_at=NOW - DAY,
            recorded_at=NOW - DAY,
            matched_at=NOW - DAY,
        )
        for one in people(count)
    )


def published(graph: dict, start_with: str) -> Scenario:
    made = Scenario(name="Reviews", graph=graph, plan={"start_with": start_with}, live=False)
    made.save()
    made.save_revision().publish()
    return Scenario.objects.get(pk=made.pk)


@pytest.mark.parametrize(("start_with", "expected"), [("also_matching", 1050), ("future", LEAST)])
def test_whom_publishing_lets_in_by_what_they_did_before_was_foreseen(story, settings, start_with, expected):
    settings.FLOWS_BATCH_SIZE = 50
    many_placed(700)
    made = published(drawn("placed > wait 2h > send thanks"), start_with)
    carry_out(NOW)
    with clock.moved(NOW + DAY - MINUTE):
        assert forecast(made, clock.now()) == expected
    Enrollment.objects.all().delete()
    with clock.moved(NOW + DAY + ONE_HOUR):
        assert forecast(made, clock.now()) == LEAST


@pytest.mark.parametrize("is_queued", [False, True])
def test_whose_wait_ends_after_days_was_foreseen(story, is_queued):
    many_placed(700)
    made = published(drawn("placed > wait 3d > send thanks > wait 9d"), "also_matching")
    carry_out(NOW)
    story.now = NOW + 3 * DAY - MINUTE
    story.run()
    with clock.moved(story.now - ONE_HOUR):
        assert forecast(made, clock.now()) == LEAST, "nobody's wait ends in that hour"
    story.now = NOW + 3 * DAY + MINUTE
    if is_queued:
        story.run()
        assert Delivery.objects.filter(status="queued").count() == 700
    with clock.moved(story.now):
        assert forecast(made, clock.now()) == 1050


def test_whom_an_event_of_today_has_woken_was_not_foreseen(story):
    story.now = NOW
    made = story.publish("placed > await paid 9d > send thanks > wait 9d")
    everybody = people(3)
    for number, one in enumerate(everybody):
        story.happens("order.placed", one, f"order:{number}")
    story.run()
    story.now += 3 * DAY
    for number, one in enumerate(everybody):
        story.happens("order.paid", one, f"order:{number}")
    story.run()
    assert Delivery.objects.count() == 3
    assert _patient(made, story.now, story.now) == 0


def test_what_was_foreseen_when_the_hour_began_holds_while_it_is_sent(scenario, news):
    SendingHour.objects.create(scenario=scenario, starts_at=NOW, count=1800, allowed=2000, forecast_at=NOW)
    within_brakes([queued(a_contact(), news.translation_key, scenario_id=scenario.pk)])
    assert brake_of(scenario) == (False, "")
    SendingHour.objects.update(count=2000)
    within_brakes([queued(a_contact(), news.translation_key, scenario_id=scenario.pk)])
    assert brake_of(scenario) == (True, HOUR)


@pytest.mark.parametrize(("repeat", "expected"), [("yearly", 1), ("monthly", 7), ("once", 0)])
def test_a_usual_day_of_a_date_is_foreseen(story, repeat, expected):
    birthday = Property.objects.create(name="birthday", label="Birthday", type="date")
    ContactProperty.objects.bulk_create(
        ContactProperty(contact=one, property=birthday, date=date(1990, 5, 1)) for one in people(200)
    )
    trigger = {"id": "t1", "kind": "date", "property": "birthday", "repeat": repeat}
    made = story.publish_graph({**drawn("placed > send thanks"), "triggers": [trigger]})
    assert _on_a_usual_day(made) == expected
    assert foreseen(0, a_day=2000) == 6000


def test_whom_nobody_let_in_at_once_was_not_foreseen(story):
    story.now = NOW
    made = story.publish("placed > wait 2h > send thanks")
    story.happens("order.placed", story.contact())
    story.run()
    assert Enrollment.objects.count() == 1
    assert not SendingHour.objects.filter(scenario=made, let_in__gt=0).exists()


def test_whom_a_published_page_lets_in_was_foreseen(story):
    trigger = {"id": "t1", "kind": "page_published"}
    audience = {"rule": {"match": "all", "rules": [{"field": "contact.locale", "operator": "is", "value": "fr"}]}}
    made = published({**drawn("placed > wait 2h > send thanks"), "triggers": [trigger], "audience": audience}, "future")
    people(700)
    Contact.objects.update(locale="fr", locale_folded="fr")
    home = Site.objects.get(is_default_site=True).root_page
    home.add_child(instance=Page(title="News", live=False)).save_revision().publish()
    assert let_in_audiences(NOW) == 700
    with clock.moved(NOW + 2 * ONE_HOUR):
        assert forecast(made, clock.now()) == 1050


def test_resuming_in_the_same_hour_gives_room_for_what_waits(scenario, news):
    waiting = [queued(contact, news.translation_key, scenario_id=scenario.pk) for contact in people(3)]
    Scenario.objects.update(most_an_hour=2)
    SendingHour.objects.create(scenario=scenario, starts_at=NOW, count=2)
    within_brakes(waiting)
    within_brakes(waiting)
    assert brake_of(scenario) == (True, HOUR)
    Scenario.objects.update(most_an_hour=None)
    with clock.moved(NOW + MINUTE):
        resume(scenario)
        assert within_brakes(waiting) == {}
    row = SendingHour.objects.get()
    assert (row.base, row.allowed) == (2, LEAST)


# Mailbox providers


def test_a_providers_domains_are_looked_at_together():
    assert provider_of("gmail.com") == provider_of("googlemail.com")
    assert provider_of("orange.fr").name == "Orange"
    assert provider_of("example.org").name == "example.org"


@pytest.mark.parametrize(
    ("bad", "sent", "most", "sample", "expected"),
    [
        (3, 1000, MOST_COMPLAINTS, COMPLAINT_SAMPLE, False),
        (4, 1000, MOST_COMPLAINTS, COMPLAINT_SAMPLE, True),
        (2, 300, MOST_COMPLAINTS, COMPLAINT_SAMPLE, False),
        (20, 199, MOST_COMPLAINTS, COMPLAINT_SAMPLE, False),
        (5, 100, MOST_BOUNCES, BOUNCE_SAMPLE, False),
        (10, 200, MOST_BOUNCES, BOUNCE_SAMPLE, False),
        (10, 199, MOST_BOUNCES, BOUNCE_SAMPLE, True),
        (40, 49, MOST_BOUNCES, BOUNCE_SAMPLE, False),
        (0, 0, MOST_BOUNCES, BOUNCE_SAMPLE, False),
    ],
)
def test_a_rate_is_too_high_beyond_its_threshold_in_a_sample_that_says_something(bad, sent, most, sample, expected):
    assert is_too_high(bad, sent, most, sample) is expected


@given(st.integers(0, 1000), st.integers(1, 10_000))
def test_a_percentage_is_what_it_says(bad, sent):
    assert abs(percent(bad, sent) - Decimal(100 * bad) / sent) <= Decimal("0.005")


def mails_to(scenario: Scenario, domain: str, sent: int, refused: int) -> list[Contact]:
    everybody = people(sent + refused, domain)
    Delivery.objects.bulk_create(
        Delivery(
            contact=one,
            address=one.address,
            scenario=scenario,
            stream="commercial",
            basis="existing_customer",
            status="failed" if number < refused else "sent",
            reason="address_refused" if number < refused else "",
            queued_at=NOW,
            due_at=NOW,
            sending_at=NOW - ONE_HOUR,
            ended_at=NOW - ONE_HOUR,
        )
        for number, one in enumerate(everybody)
    )
    return everybody


def look(scenario: Scenario, news) -> None:
    """Let one more batch of it come."""
    SendingHour.objects.all().delete()
    within_brakes([queued(a_contact("next@example.net"), news.translation_key, scenario_id=scenario.pk)])


def test_too_many_bounces_at_one_provider_stop_the_scenario(scenario, news):
    mails_to(scenario, "hotmail.com", sent=89, refused=11)
    mails_to(scenario, "example.org", sent=900, refused=0)
    look(scenario, news)
    assert brake_of(scenario) == (True, BOUNCES)
    assert scenario.brake_numbers == {"provider": "Outlook", "sent": 100, "percent": "11.00", "most": "5"}
    told = brake_text(scenario.brake, scenario.brake_numbers)
    assert told == "Too many bounces at Outlook: 11 % of 100 e-mails; at most 5 % is good."


def test_few_bounces_stop_nothing(scenario, news):
    mails_to(scenario, "hotmail.com", sent=390, refused=10)
    look(scenario, news)
    assert brake_of(scenario) == (False, "")


def test_complaints_that_a_provider_reports_stop_the_scenario(scenario, news):
    everybody = mails_to(scenario, "gmail.com", sent=500, refused=0)
    for one in everybody[:3]:
        suppress(one, "all", "complained")
    suppress(everybody[4], "all", "bounced")
    look(scenario, news)
    assert brake_of(scenario) == (True, COMPLAINTS)
    assert "Gmail: 0.6 % of 500" in brake_text(scenario.brake, scenario.brake_numbers)


def test_a_person_may_allow_other_rates(scenario, news):
    mails_to(scenario, "hotmail.com", sent=89, refused=11)
    Scenario.objects.update(most_bounces=Decimal(12))
    look(scenario, news)
    assert brake_of(scenario) == (False, "")


def test_what_was_seen_before_a_person_resumed_it_pulls_the_brake_no_more(scenario, news):
    mails_to(scenario, "hotmail.com", sent=89, refused=11)
    look(scenario, news)
    resume(scenario)
    look(scenario, news)
    assert brake_of(scenario) == (False, "")


def test_bounces_of_another_scenario_or_long_ago_do_not_count(scenario, news):
    mails_to(Scenario.objects.create(name="Other"), "hotmail.com", sent=89, refused=11)
    look(scenario, news)
    Delivery.objects.filter(status__in=["sent", "failed"]).update(
        scenario=scenario, sending_at=NOW - 8 * DAY, ended_at=NOW - 8 * DAY
    )
    look(scenario, news)
    assert brake_of(scenario) == (False, "")


# What it costs


def test_brakes_cost_a_batch_the_same_whatever_its_size(scenario, news):
    deliveries = [queued(contact, news.translation_key, scenario_id=scenario.pk) for contact in people(20)]
    within_brakes(deliveries[:1])  # the first of this hour, which makes the forecast

    def cost(count: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert within_brakes(deliveries[:count]) == {}
        return len(queries)

    assert cost(1) == cost(20) == 3


def test_rates_are_looked_at_once_a_minute(scenario, news):
    deliveries = [queued(contact, news.translation_key, scenario_id=scenario.pk) for contact in people(2)]
    within_brakes(deliveries)
    with clock.moved(NOW + MINUTE), CaptureQueriesContext(connection) as queries:
        within_brakes(deliveries)
    assert len(queries) == 7
