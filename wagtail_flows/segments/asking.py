"""How many, and who for example: asked while a rule is being edited, within a budget of time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from django.db.models import QuerySet

from wagtail_flows.contacts.models import Contact
from wagtail_flows.lib.problems import Problem
from wagtail_flows.lib.time_budget import TookTooLong, within
from wagtail_flows.segments.compiling import Scope, compile_rule
from wagtail_flows.segments.estimating import Matching, estimated
from wagtail_flows.segments.membership import matching_rule
from wagtail_flows.segments.parsing import parse
from wagtail_flows.segments.references import Named
from wagtail_flows.segments.rules import RuleInvalid
from wagtail_flows.segments.wording import sentence


COUNT_SECONDS = 2.0
SAMPLE_SECONDS = 1.0
MOST_PEOPLE = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """The answer to a rule that isn't saved yet. `count` None: not known, because of `problems` or of the time."""

    count: int | None = None
    is_estimate: bool = False
    people: tuple[Contact, ...] = ()
    problems: tuple[Problem, ...] = ()
    sentence: str = ""


def ask(data: object, *, with_people: bool, inside: str = "") -> Asked:
    """Count the contacts that the JSON of a rule means. `inside`: the public id of the segment being edited, so that a
    rule that asks it is a circle.
    """
    scope = Scope(inside=(inside,) if inside else ())
    fields = {name: field for name, (field, _source) in scope.answers.items()}
    named = Named(data)
    try:
        rule = parse(data, fields, named)
        contacts = Contact.objects.filter(compile_rule(rule, scope)).order_by()
    except RuleInvalid as invalid:
        return Asked(problems=invalid.problems)
    count, is_estimate = counted(contacts, partial(matching_rule, rule, inside=scope.inside), COUNT_SECONDS)
    people = sample(contacts) if with_people and count != 0 else ()
    return Asked(count, is_estimate, people, (), sentence(rule, fields, named))


def counted(contacts: QuerySet[Contact], matching: Matching, seconds: float) -> tuple[int | None, bool]:
    """How many, and whether that is an estimate, made past the budget by asking some with `matching`; None where even
    that isn't known.
    """
    try:
        with within(seconds):
            return contacts.count(), False
    except TookTooLong:
        return estimated(matching), True


def sample(contacts: QuerySet[Contact]) -> tuple[Contact, ...]:
    """A few of them, the first that the database finds."""
    try:
        with within(SAMPLE_SECONDS):
            return tuple(contacts.only("address", "first_name", "last_name")[:MOST_PEOPLE])
    except TookTooLong:
        return ()
