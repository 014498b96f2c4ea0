"""What the engine registers below it: gates at the hand-over, answers for steps, an ear for
corrected events, fields for segments."""

from __future__ import annotations

from wagtail.signals import page_published

from wagtail_flows.contacts.signals import property_changed
from wagtail_flows.engine import (
    attention,
    contact_answers,
    deciding_winners,
    gates,
    holding_back,
    limit_checks,  # noqa: F401
    pruning,
    pruning_events,
    usual_hours,
)
from wagtail_flows.engine.brakes import gate as brakes
from wagtail_flows.engine.listening import compute_again, look_again
from wagtail_flows.engine.publications import note_publication
from wagtail_flows.engine.segment_fields import ScenarioSource
from wagtail_flows.engine.selecting import count_matching
from wagtail_flows.engine.spreading import spread_overdue
from wagtail_flows.engine.texts import read_texts
from wagtail_flows.events.signals import corrected
from wagtail_flows.scenarios import prospect, texts
from wagtail_flows.scenarios.models import Scenario
from wagtail_flows.scenarios.signals import resumed
from wagtail_flows.segments import compiling, references


SCENARIOS = ScenarioSource()


def register() -> None:
    """Register all of it. Doing it again changes nothing."""
    gates.register()
    attention.register()
    pruning.register()
    pruning_events.register()
    holding_back.register()
    brakes.register()
    prospect.register(count_matching)
    contact_answers.register()
    usual_hours.register()
    deciding_winners.register()
    corrected.connect(look_again, dispatch_uid="wagtail_flows.engine")
    property_changed.connect(compute_again, dispatch_uid="wagtail_flows.engine")
    resumed.connect(spread_overdue, dispatch_uid="wagtail_flows.engine")
    page_published.connect(note_publication, dispatch_uid="wagtail_flows.engine")
    compiling.register(SCENARIOS)
    texts.register(read_texts)
    references.register(references.Referred("scenario", Scenario, Scenario.objects.all))
