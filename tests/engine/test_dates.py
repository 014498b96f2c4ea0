"""Waiting for a date of the contact: computed anew when the date changes, in the same transaction."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from django.db import transaction

from tests.drawing import choosing
from wagtail_flows.contacts.models import Property
from wagtail_flows.contacts.property_values import set_property
from wagtail_flows.engine import carrying_out
from wagtail_flows.engine.models import Enrollment
from wagtail_flows.lib import clock
from wagtail_flows.models import Scenario
from wagtail_flows.scenarios.pausing import pause, resume


pytestmark = pytest.mark.django_db

STEP = {"kind": "wait_until_property", "property": "renewal", "days": -3, "at": "09:00"}


@pytest.fixture
def renewal() -> Property:
    return Property.objects.create(name="renewal", label="Renewal", type="date")


@pytest.fixture
def waiting(story, renewal):
    """Alice, who waits for three days before 20 March."""
    story.publish_graph(choosing("placed", STEP, next="exit sent", no_date="exit none"))
    alice = story.contact(time_zone="UTC")
    change(story, alice, renewal, date(2026, 3, 20))
    story.happens("order.placed", alice)
    story.run()
    return alice


def change(story, contact, prop, value) -> None:
    with clock.moved(story.now):
        set_property(contact, prop, value)


def test_who_waits_for_a_date_is_due_some_days_before(story, waiting):
    one = Enrollment.objects.get()
    assert (one.due_at, one.waits_for_property) == (datetime(2026, 3, 17, 9, tzinfo=UTC), "renewal")
    story.later(days=16)
    one.refresh_from_db()
    assert (one.exit_reason, one.waits_for_property) == ("sent", "")


def test_a_changed_date_is_counted_anew(story, waiting, renewal):
    change(story, waiting, renewal, date(2026, 4, 20))
    assert Enrollment.objects.get().due_at == story.now
    story.run()
    assert Enrollment.objects.get().due_at == datetime(2026, 4, 17, 9, tzinfo=UTC)


@pytest.mark.parametrize("meanwhile", ["nothing", "move", "recompute"])
def test_a_date_changed_in_a_pause_is_counted_anew_after_it(story, waiting, renewal, meanwhile):
    bob = story.contact("bob", time_zone="UTC")
    change(story, bob, renewal, date(2026, 3, 20))
    story.happens("order.placed", bob, "order:2")
    story.run()
    made = Scenario.objects.get()
    pause(made)
    story.now += timedelta(days=1)
    for one in (waiting, bob):
        change(story, one, renewal, date(2026, 4, 20))
    story.now += timedelta(hours=1)
    if meanwhile != "nothing":
        publish_moving(story, made, **({"recompute": ["choose"]} if meanwhile == "recompute" else {}))
    story.now += timedelta(days=1)
    with clock.moved(story.now):
        resume(made, timedelta(hours=1))
    story.later(hours=1)
    assert {one.due_at for one in Enrollment.objects.all()} == {datetime(2026, 4, 17, 9, tzinfo=UTC)}
    story.later(days=60)
    assert {one.exit_reason for one in Enrollment.objects.all()} == {"sent"}


def publish_moving(story, made, **plan) -> None:
    """Everybody inside is moved to a version with other ends."""
    graph = {**made.graph, "steps": [{**made.graph["steps"][0], "at": "09:00", "late": {"skip_after_hours": 5_000}},
                                     *made.graph["steps"][1:]]}  # fmt: skip
    with clock.moved(story.now):
        made.graph, made.plan = graph, {"inside": "move", **plan}
        made.save_revision().publish()
    story.now += timedelta(seconds=1)
    with clock.moved(story.now):
        assert carrying_out.carry_out(story.now) == 2


def test_a_cleared_date_takes_the_other_way(story, waiting, renewal):
    change(story, waiting, renewal, None)
    story.run()
    assert Enrollment.objects.get().exit_reason == "none"


def test_a_change_that_is_rolled_back_moves_nobody(story, waiting, renewal):
    before = Enrollment.objects.get().due_at
    with transaction.atomic():
        change(story, waiting, renewal, date(2026, 4, 20))
        transaction.set_rollback(True)
    assert Enrollment.objects.get().due_at == before


def test_another_property_or_contact_moves_nobody(story, waiting, renewal):
    before = Enrollment.objects.get().due_at
    change(story, waiting, Property.objects.create(name="birthday", label="Birthday", type="date"), date(2000, 1, 1))
    change(story, story.contact("bob"), renewal, date(2026, 4, 20))
    assert Enrollment.objects.get().due_at == before


def test_reaching_a_goal_is_kept_when_it_ends_and_when_it_goes_on(story):
    from wagtail_flows.engine.segment_fields import _rows  # noqa: PLC0415
    from wagtail_flows.segments.compiling import Scope  # noqa: PLC0415
    from wagtail_flows.segments.rules import Clause  # noqa: PLC0415

    graph = choosing("placed", {"kind": "goal", "name": "Bought", "ends": False}, next="exit")
    made = story.publish_graph(graph)
    story.happens("order.placed", story.contact())
    story.run()
    reached = Clause("scenario.goal", "any_of", (str(made.public_id),))
    assert _rows(reached, Scope()).count() == 1
    assert Enrollment.objects.get().exit_reason == "done"
