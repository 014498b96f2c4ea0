"""What steps may ask about contacts: are they in a segment, does a rule hold for them, what is known about them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from wagtail_flows.contacts.models import ContactProperty, Property
from wagtail_flows.engine import answers
from wagtail_flows.scenarios.rules import read_rule
from wagtail_flows.scenarios.steps.condition import IN_SEGMENT, MATCHING_RULE
from wagtail_flows.scenarios.steps.update_property import PROPERTY_TYPE
from wagtail_flows.scenarios.steps.wait_until_property import PROPERTY_VALUE
from wagtail_flows.segments.compiling import Scope
from wagtail_flows.segments.membership import by_public_id, json_safe, matching, matching_rule
from wagtail_flows.segments.rules import RuleInvalid


def register() -> None:
    """Answer these questions. Doing it again changes nothing."""
    answers.register(IN_SEGMENT, in_segment)
    answers.register(MATCHING_RULE, rule_holds)
    answers.register(PROPERTY_VALUE, property_values)
    answers.register(PROPERTY_TYPE, property_types)


def in_segment(public_id: str, contact_ids: Collection[int]) -> Mapping[int, bool]:
    """Who of these is in the segment. One that was deleted, or can't be asked, has no answer, or nobody in it."""
    segment = by_public_id(public_id)
    return {} if segment is None else _answered(contact_ids, matching(segment, list(contact_ids)))


def rule_holds(text: str, contact_ids: Collection[int]) -> Mapping[int, bool]:
    """For whom of these the rule holds. One that can't be asked any more has no answer."""
    try:
        rule = read_rule(text, Scope())
    except RuleInvalid:
        return {}
    return _answered(contact_ids, matching_rule(rule, list(contact_ids)))


def property_values(name: str, contact_ids: Collection[int]) -> Mapping[int, Any]:
    """The value of the property for each of these who has one: dates and numbers as text."""
    found = ContactProperty.objects.filter(property__name=name, contact_id__in=contact_ids).select_related("property")
    return {one.contact_id: json_safe(one.value) for one in found}


def property_types(name: str, contact_ids: Collection[int]) -> Mapping[int, str]:
    """The type of the property, alike for everybody; no answers where there is no such property."""
    found = Property.objects.filter(name=name).values_list("type", flat=True).first()
    return dict.fromkeys(contact_ids, found) if found is not None else {}


def _answered(contact_ids: Collection[int], holds_for: set[int]) -> dict[int, bool]:
    return {contact_id: contact_id in holds_for for contact_id in contact_ids}
