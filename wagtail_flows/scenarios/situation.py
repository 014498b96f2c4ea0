"""Situation: everything a step may look at when it decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any


@dataclass(frozen=True)
class EventSnapshot:
    """An event as triggers, exits and steps see it. `occurred_at` is aware; `data` is JSON; `id` tells two events
    apart.
    """

    kind: str
    occurred_at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
    subject: str = ""
    id: str = ""


@dataclass(frozen=True)
class Question:
    """Something a step must know about the contact: `name` says who answers, `about` what exactly is asked.

    The answer comes back in `Situation.answers` under `key`, or under `name` where no key is given. `is_of_scenario`:
    it is asked for the scenario, so the lookup is told `about` with the scenario's public id and a colon before it.
    """

    name: str
    about: str = ""
    key: str = ""
    is_of_scenario: bool = False

    @property
    def answered_as(self) -> str:
        return self.key or self.name


@dataclass(frozen=True)
class Situation:
    """One contact at one step. Times are aware.

    `entered_at`: when the scenario was entered; `step_entered_at`: when this step was; `event`: the event that started
    the enrollment; `zone`: the contact's time zone, else the site's (a list has none of its own); `woken_by`: the event
    that this step waited for; `contact` (told to steps that are `is_personal`) and `scenario`: their public ids, for
    what must stay the same for one person; `kept_until`: the moment promised by the version that they were moved from,
    or chosen before by a step that keeps its moment, which a wait takes for its own.
    """

    now: datetime
    entered_at: datetime
    step_entered_at: datetime
    event: EventSnapshot | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)
    zone: tzinfo = UTC
    woken_by: EventSnapshot | None = None
    contact: str = ""
    scenario: str = ""
    kept_until: datetime | None = None
