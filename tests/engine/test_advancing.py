"""Who is due moves on: visits, e-mails, waits and ends, a whole batch at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest

from tests.engine.conftest import NOON
from wagtail_flows.engine import advancing, rescue
from wagtail_flows.engine.models import Enrollment, Visit
from wagtail_flows.engine.passage import BACK_OFF
from wagtail_flows.events.models import Event
from wagtail_flows.lib import clock
from wagtail_flows.messages import gates, reasons
from wagtail_flows.messages.models import Delivery
from wagtail_flows.scenarios import registry
from wagtail_flows.scenarios.outcomes import Continue, Outcome, Wait
from wagtail_flows.scenarios.situation import Situation
from wagtail_flows.scenarios.step import Step


pytestmark = pytest.mark.django_db


@dataclass(frozen=True, kw_only=True)
class Stubborn(Step):
    """Raises for some contacts, waits for the past for others, else goes on."""

    kind: ClassVar[str] = "stubborn"
    label: ClassVar[Any] = "Stubborn"
    passes_time: ClassVar[bool] = True

    @classmethod
    def read(cls, fields, *, id, outlets):  # noqa: A002
        return cls(id=id, outlets=outlets)

    def write(self):
        return {}

    def decide(self, situation: Situation) -> Outcome:
        assert situation.event is not None
        match situation.event.data.get("mood"):
            case "raise":
                raise ValueError("I won't")
            case "past":
                return Wait(situation.now)
        return Continue("next")

    def sentence(self, names):
        return "Be stubborn"


registry.register_step(Stubborn)


def visits() -> list[tuple[str, str, str]]:
    return list(Visit.objects.order_by("number").values_list("step", "outcome", "outlet"))


def test_a_path_is_walked_step_by_step_and_written_down(story):
    story.publish("placed > send thanks > wait 2d > send more")
    alice = story.contact()
    story.happens("order.placed", alice, data={"number": "21"})
    story.run()
    start = story.now
    assert visits() == [("send-1", "send", "next")]
    enrollment = Enrollment.objects.get()
    assert (enrollment.step, enrollment.due_at) == ("wait-1", start + timedelta(days=2))
    story.later(days=2)
    assert visits()[1:] == [
        ("wait-1", "continue", "next"),
        ("send-2", "send", "next"),
        ("exit-1", "finish", ""),
    ]
    enrollment.refresh_from_db()
    assert (enrollment.status, enrollment.exit_reason, enrollment.ended_at) == ("ended", "done", story.now)
    assert (enrollment.due_at, enrollment.visit_count, enrollment.is_cut_short) == (None, 4, False)
    assert [visit.number for visit in enrollment.visits.all()] == [1, 2, 3, 4]


def test_each_e_mail_is_queued_with_the_visit_that_asked_for_it(story, club):
    story.publish("placed > send thanks > send news to club")
    alice = story.contact(locale="pl")
    story.happens("order.placed", alice, data={"number": "21"})
    story.run()
    first, second = Delivery.objects.order_by("pk")
    assert (first.visit.step, first.contact, first.locale, first.mailing_list) == ("send-1", alice, "pl", None)
    assert first.context == {"subject": "order:1", "event": {"number": "21"}}
    assert (second.visit.step, second.mailing_list) == ("send-2", club)


def test_a_wait_counts_from_the_date_of_the_event_where_it_says_so(story):
    story.publish("delivered > wait 10d after event > send thanks")
    happened = NOON - timedelta(days=4)
    story.happens("order.delivered", story.contact(time_zone="UTC"), occurred_at=happened)
    story.run()
    assert Enrollment.objects.get().due_at == happened + timedelta(days=10)


def test_personal_times_are_written_too(story):
    story.publish("delivered > wait 10d after event > send thanks")
    for days in (1, 2, 3):
        person = story.contact(f"person{days}", time_zone="UTC")
        story.happens("order.delivered", person, f"order:{days}", occurred_at=NOON - timedelta(days=days))
    story.run()
    assert sorted(Enrollment.objects.values_list("due_at", flat=True)) == [
        NOON + timedelta(days=10 - days) for days in (3, 2, 1)
    ]


def test_days_are_counted_on_the_clock_of_the_contact(story):
    """Summer time begins in Warsaw on 29 March 2026: ten days later by the wall clock is an hour less."""
    story.now = datetime(2026, 3, 25, 11, tzinfo=UTC)
    story.publish("placed > wait 10d > send thanks")
    story.happens("order.placed", story.contact("alice", time_zone="Europe/Warsaw"), "order:1")
    story.happens("order.placed", story.contact("bob", time_zone="Mars/Olympus"), "order:2")
    story.happens("order.placed", story.contact("charlie", time_zone="UTC"), "order:3")
    story.run()
    due = dict(Enrollment.objects.values_list("contact__address", "due_at"))
    assert due["alice@example.org"] == story.now + timedelta(days=10, hours=-1)
    assert due["bob@example.org"] == due["alice@example.org"], "the site's own zone, Paris, stands for a wrong one"
    assert due["charlie@example.org"] == story.now + timedelta(days=10)


def test_after_an_outage_a_wait_that_says_so_lets_nobody_through(story):
    story.publish("placed > wait 1d late 48h > send thanks")
    story.happens("order.placed", story.contact())
    story.run()
    story.later(days=4)
    assert not Delivery.objects.exists()
    assert Enrollment.objects.get().exit_reason == "too_late"


def test_a_corrected_date_moves_the_wait_that_hangs_on_it(story):
    story.publish("delivered > wait 10d after event > send thanks")
    event = story.happens("order.delivered", story.contact(time_zone="UTC"))
    story.run()
    real = event.occurred_at - timedelta(days=3)
    with clock.moved(story.now):
        from wagtail_flows.events.recording import correct  # noqa: PLC0415

        assert correct(event.kind, event.source, event.dedupe_key, real, {"number": "21"})
    story.run()
    assert Enrollment.objects.get().due_at == real + timedelta(days=10)
    assert Enrollment.objects.count() == 1


def test_a_step_that_raises_is_tried_again_later_and_parked_in_the_end(story):
    story.publish("placed > wait 1m > send thanks")
    Enrollment.objects.all()
    make_stubborn(story)
    story.happens("order.placed", story.contact("alice"), "order:1", data={"mood": "raise"})
    story.happens("order.placed", story.contact("bob"), "order:2", data={})
    story.run()
    stuck = Enrollment.objects.get(contact__address="alice@example.org")
    assert (stuck.status, stuck.attempts, stuck.due_at) == ("active", 1, story.now + BACK_OFF[0])
    assert stuck.error == "ValueError: I won't"
    assert [one.contact.address for one in Delivery.objects.all()] == ["bob@example.org"]
    for pause in BACK_OFF:
        story.now += pause
        story.run()
    stuck.refresh_from_db()
    assert (stuck.status, stuck.attempts, stuck.due_at) == ("parked", len(BACK_OFF) + 1, None)
    assert stuck.error == "ValueError: I won't"


def make_stubborn(story) -> None:
    """Put the stubborn step first in the scenario published last."""
    from wagtail_flows.models import Scenario  # noqa: PLC0415

    made = Scenario.objects.latest("pk")
    steps = [step for step in made.graph["steps"] if step["kind"] != "wait"]
    made.graph["steps"] = [{"id": "own", "kind": "stubborn", "outlets": {"next": steps[0]["id"]}}, *steps]
    made.graph["start"] = "own"
    with clock.moved(story.now):
        made.save_revision().publish()
    story.now += timedelta(seconds=1)


def test_what_was_wrong_is_forgotten_once_it_goes_on(story):
    story.publish("placed > send thanks")
    make_stubborn(story)
    event = story.happens("order.placed", story.contact(), data={"mood": "raise"})
    story.run()
    Event.objects.filter(pk=event.pk).update(data={})
    story.later(hours=1)
    mended = Enrollment.objects.get()
    assert (mended.status, mended.attempts, mended.error) == ("ended", 0, "")


def test_a_step_that_waits_for_the_past_does_not_keep_the_runner_busy(story):
    story.publish("placed > send thanks")
    make_stubborn(story)
    story.happens("order.placed", story.contact(), data={"mood": "past"})
    story.run()
    assert "WaitsForThePast" in Enrollment.objects.get().error


def test_who_stands_at_a_step_that_is_no_longer_installed_is_shown_and_others_go_on(story):
    story.publish("placed > wait 1d > send thanks")
    for name in ("alice", "bob"):
        story.happens("order.placed", story.contact(name), f"order:{name}")
    story.run()
    Enrollment.objects.filter(subject="order:alice").update(step="gone")
    story.later(days=1)
    assert "StepLost" in Enrollment.objects.get(subject="order:alice").error
    assert Enrollment.objects.get(subject="order:bob").status == "ended"


def test_one_who_cannot_be_written_holds_up_nobody_else(story):
    """An event names a list by what is no id: queueing that one's e-mail fails for the whole batch, so each is tried
    alone.
    """
    story.publish("placed > send news")
    story.publish("paid > send thanks")
    story.happens("order.placed", story.contact("alice"), "order:1", data={"list": "nonsense"})
    story.happens("order.paid", story.contact("bob"), "order:2")
    story.run()
    assert Enrollment.objects.get(subject="order:1").error.startswith("ValidationError")
    assert [one.contact.address for one in Delivery.objects.all()] == ["bob@example.org"]
    assert not Visit.objects.filter(enrollment__subject="order:1").exists()


def test_a_list_that_was_deleted_strands_nobody_and_sends_nothing(story, club):
    """Whoever had left the list can't be told from the others any more, so a customer doesn't get it either."""
    story.publish("placed > send news to club > wait 1d > send thanks")
    story.happens("order.placed", story.contact())
    club.delete()
    story.run()
    delivery = Delivery.objects.get()
    assert gates.verdicts([delivery])[delivery.pk] == gates.Skip(reasons.NO_LIST)
    story.later(days=1)
    assert Enrollment.objects.get().status == "ended"


def test_a_circle_without_waiting_is_parked_and_mails_nobody(story):
    made = story.publish("placed > send thanks > send more")
    graph = made.current_version.graph
    graph["steps"][1]["outlets"] = {"next": "send-1"}
    type(made.current_version).objects.filter(pk=made.current_version.pk).update(graph=graph, graph_hash="circle")
    story.happens("order.placed", story.contact())
    story.run()
    stuck = Enrollment.objects.get()
    assert (stuck.status, stuck.step, stuck.visit_count) == ("parked", "send-1", 0)
    assert "circle" in stuck.error
    assert not Delivery.objects.exists()
    assert not Visit.objects.exists()


def test_a_paused_scenario_stands_still_and_is_not_due(story):
    made = story.publish("placed > wait 1d > send thanks")
    story.happens("order.placed", story.contact())
    story.run()
    type(made).objects.update(is_paused=True)
    story.later(days=3)
    assert not Delivery.objects.exists()
    assert advancing.next_due(story.now) is None
    type(made).objects.update(is_paused=False)
    assert advancing.next_due(story.now) < story.now


def test_an_active_enrollment_without_a_due_time_is_found_again(story):
    story.publish("placed > wait 1d > send thanks")
    story.happens("order.placed", story.contact())
    story.run()
    due = Enrollment.objects.get().due_at
    Enrollment.objects.update(due_at=None)
    assert rescue.next_due(story.now) == story.now
    assert rescue.rescue(story.now) == 1
    story.run()
    assert Enrollment.objects.get().due_at == due
    assert (rescue.next_due(story.now), rescue.rescue(story.now)) == (None, 0)


def test_batches_are_as_large_as_the_settings_say_and_go_on_until_nobody_is_due(story, settings):
    settings.FLOWS_BATCH_SIZE = 2
    story.publish("placed > send thanks")
    for number in range(5):
        story.happens("order.placed", story.contact(f"person{number}"), f"order:{number}")
    story.run()
    assert Delivery.objects.count() == 5


def test_who_can_not_even_be_loaded_fails_alone(story, monkeypatch):
    story.publish("placed > wait 1d > send thanks")
    for name in ("alice", "bob", "carol"):
        story.happens("order.placed", story.contact(name), f"order:{name}")
    story.run()
    broken, load = Enrollment.objects.get(subject="order:bob"), advancing.passages

    def loaded(ids):
        if broken.pk in ids:
            raise ValueError("not to be read")
        return load(ids)

    monkeypatch.setattr(advancing, "passages", loaded)
    story.later(days=1)
    assert Delivery.objects.count() == 2
    broken.refresh_from_db()
    assert (broken.error, broken.attempts) == ("ValueError: not to be read", 1)
    assert broken.due_at == story.now + BACK_OFF[0]


def test_a_batch_that_another_runner_did_first_is_not_the_end(story, monkeypatch):
    story.publish("placed > wait 1d > send thanks")
    bob = story.contact("bob")
    story.happens("order.placed", story.contact("alice"))
    story.run()
    story.now += timedelta(days=1)
    locked, lock = [], advancing.lock_free_contacts

    def lock_those_just_moved(contact_ids, limit):
        locked.append(lock(contact_ids, limit) if locked else {bob.pk: ""})
        return locked[-1]

    monkeypatch.setattr(advancing, "lock_free_contacts", lock_those_just_moved)
    with clock.moved(story.now):
        assert advancing.advance(story.now) == 1
    assert Delivery.objects.count() == 1


def test_the_queries_of_a_batch_do_not_follow_the_number_of_contacts(story):
    story.publish("placed > send thanks > wait 1d > send more")
    counts = []
    # Not more: SQLite takes at most 999 values in one statement, and larger inserts are cut up.
    for people in (range(2), range(2, 30)):
        for number in people:
            story.happens("order.placed", story.contact(f"person{number}"), f"order:{number}")
        counts.append(story.queries_of_advancing())
    assert Delivery.objects.count() == 30
    assert counts[0] == counts[1] <= 22
