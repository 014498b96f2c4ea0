"""Scenarios that can't do what was published: what they name is gone, or a kind of step isn't installed any more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from wagtail_flows.lib import attention
from wagtail_flows.lib.attention import Finding, Severity
from wagtail_flows.lib.problems import Problem
from wagtail_flows.scenarios import catalogue
from wagtail_flows.scenarios.brakes import brake_text
from wagtail_flows.scenarios.graph import read
from wagtail_flows.scenarios.models import Scenario
from wagtail_flows.scenarios.problems import errors
from wagtail_flows.scenarios.validation import channels_exist, references_exist


MOST_TOLD = 3


def register() -> None:
    """Look for all of it. Doing it again changes nothing."""
    attention.register(lamed)
    attention.register(paused)
    attention.register(braked)


def lamed(now: datetime) -> Iterator[Finding]:
    """Live ones of whose published version something is gone. One question for all of them."""
    live = list(Scenario.objects.taking_in().select_related("current_version").order_by("name"))
    readings = {one.pk: read(one.current_version.graph) for one in live if one.current_version}
    known = catalogue.known([reference for reading in readings.values() for reference in reading.graph.references()])
    for one in live:
        reading = readings[one.pk]
        named = (*references_exist.check(reading.graph, known), *channels_exist.check(reading.graph, known))
        problems = [*reading.problems, *errors(named)]
        if problems:
            yield Finding(
                "scenarios.lamed",
                Severity.BROKEN,
                _("“%(scenario)s” can't do what was published: %(problems)s")
                % {"scenario": one.name, "problems": _told(problems)},
                _("Bring back what is gone, or publish the scenario again without it."),
                count=len(problems),
                url=reverse("flows_scenarios:inspect", args=[one.pk]),
                about=Scenario,
            )


def _told(problems: list[Problem]) -> str:
    told = [f"{problem.step}: {problem.text}" if problem.step else str(problem.text) for problem in problems]
    return " ".join([*told[:MOST_TOLD], *(["…"] if len(told) > MOST_TOLD else [])])


def paused(now: datetime) -> Iterator[Finding]:
    for pk, name in Scenario.objects.filter(is_paused=True, brake="").order_by("name").values_list("pk", "name"):
        yield Finding(
            "scenarios.paused",
            Severity.NOTE,
            _("“%(scenario)s” is paused: nobody inside moves on.") % {"scenario": name},
            _("Resume it when it may go on."),
            url=reverse("flows_scenarios:inspect", args=[pk]),
            about=Scenario,
        )


def braked(now: datetime) -> Iterator[Finding]:
    """Paused by a brake, since it sent too much or was unwelcome."""
    stopped = Scenario.objects.filter(is_paused=True).exclude(brake="").order_by("paused_at")
    for scenario in stopped.only("name", "brake", "brake_numbers", "paused_at"):
        yield Finding(
            "scenarios.braked",
            Severity.BROKEN,
            _("A brake paused “%(scenario)s”. %(reason)s")
            % {"scenario": scenario.name, "reason": brake_text(scenario.brake, scenario.brake_numbers)},
            _("Look at what it sent, correct it, then resume it."),
            since=scenario.paused_at,
            url=reverse("flows_scenarios:inspect", args=[scenario.pk]),
            about=Scenario,
        )
