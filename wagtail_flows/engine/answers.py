"""Answering what steps ask about contacts: for a whole set at a time.

Rooms that know something register how to look it up; a step asks by name (`Step.questions`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from wagtail_flows.exceptions import FlowsError
from wagtail_flows.scenarios.situation import Question


# What exactly is asked (`Question.about`) and ids of contacts in, values by id out, fit for JSON; a contact without an
# answer may be missing. A constant number of queries.
Lookup = Callable[[str, Collection[int]], Mapping[int, Any]]

_lookups: dict[str, Lookup] = {}


class UnknownQuestion(FlowsError):
    """Nobody answers this question: register a lookup for it with `engine.answers.register`."""


def register(name: str, lookup: Lookup) -> None:
    """Let `lookup` answer the question `name`. Registering again replaces it."""
    _lookups[name] = lookup


def answer(
    questions: Sequence[Question], contact_ids: Collection[int], scenario: str = ""
) -> dict[int, dict[str, Any]]:
    """The answers by contact and question, None where there is none. Raises UnknownQuestion.

    `scenario`: its public id.
    """
    found: dict[int, dict[str, Any]] = {contact_id: {} for contact_id in contact_ids}
    for question in questions:
        if question.name not in _lookups:
            raise UnknownQuestion(f"{question.name}: {UnknownQuestion.__doc__}")
        about = f"{scenario}:{question.about}" if question.is_of_scenario else question.about
        values = _lookups[question.name](about, contact_ids)
        for contact_id, own in found.items():
            own[question.answered_as] = values.get(contact_id)
    return found
