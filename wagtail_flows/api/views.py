"""What programs may do: record an event for a contact, start a scenario for contacts. Both may be repeated."""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from wagtail_flows.api.models import ApiKey
from wagtail_flows.api.problems import Refused, invalid, not_startable
from wagtail_flows.api.requests import endpoint
from wagtail_flows.api.segment_starts import start_segment
from wagtail_flows.contacts.address import InvalidAddress, normalise
from wagtail_flows.contacts.models import Contact
from wagtail_flows.engine.starting import LONGEST_KEY, NotStartable, start
from wagtail_flows.events import kinds
from wagtail_flows.events.models import Event
from wagtail_flows.events.recording import LONGEST_DEDUPE_KEY, NewEvent, record
from wagtail_flows.lib import clock
from wagtail_flows.lib.problems import Problem
from wagtail_flows.scenarios.models import Scenario
from wagtail_flows.scenarios.reading import Reader


SOURCE = "api"
MOST_ADDRESSES = 500
LONGEST_ADDRESS = 254
LONGEST_SUBJECT = 120
# Clocks differ a little.
FUTURE = timedelta(minutes=5)
Answered = tuple[HTTPStatus, dict[str, Any]]


@endpoint(ApiKey.Scope.EVENTS)
def record_event(data: dict[str, Any]) -> Answered:
    """Record one event. 201: recorded; 200: it was known already by its kind and key, so nothing happened."""
    problems: list[Problem] = []
    fields = Reader(data, problems)
    kind = fields.text("kind", max_length=64)
    address = fields.text("address", max_length=LONGEST_ADDRESS)
    key = fields.text("key", max_length=LONGEST_DEDUPE_KEY)
    subject = fields.text("subject", default="", max_length=LONGEST_SUBJECT)
    occurred_at = _moment(fields, "occurred_at")
    told = _object(fields, "data")
    fields.close()
    if kind and not (known := kinds.get(kind)):
        fields.note("kind", "unknown_kind", _("There is no kind of event of this name: register it first."))
    elif kind and known and not known.is_open:
        text = _("Events of this kind are recorded by the site itself: register a kind of your own.")
        fields.note("kind", "closed_kind", text)
    if problems:
        raise invalid(problems)
    contact_id = _contact(address)
    new = NewEvent(kind, contact_id, SOURCE, key, subject=subject, data=told, occurred_at=occurred_at)
    if record(new) is not None:
        return HTTPStatus.CREATED, {"recorded": True}
    if not Event.objects.filter(kind=kind, source=SOURCE, dedupe_key=key, contact_id=contact_id).exists():
        text = _("An event of this kind with this key was recorded for somebody else.")
        raise Refused(HTTPStatus.CONFLICT, "key_taken", text)
    return HTTPStatus.OK, {"recorded": False}


@endpoint(ApiKey.Scope.START)
def start_scenario(data: dict[str, Any], *, public_id: UUID) -> Answered:
    """Start a scenario by its manual trigger, for addresses or a segment. The same key starts nobody twice."""
    scenario = Scenario.objects.filter(public_id=public_id).first()
    if scenario is None:
        raise Refused(HTTPStatus.NOT_FOUND, "unknown_scenario", _("There is no scenario with this identifier."))
    problems: list[Problem] = []
    fields = Reader(data, problems)
    if fields.has("segment"):
        return start_segment(scenario, fields, problems)
    addresses = _addresses(fields)
    key = fields.text("key", max_length=LONGEST_KEY)
    told = _object(fields, "data")
    fields.close()
    if problems:
        raise invalid(problems)
    known = dict(Contact.objects.filter(key__in=addresses).values_list("key", "pk"))
    try:
        entered = start(scenario, known.values(), key, data=told)
    except NotStartable as refusal:
        raise not_startable() from refusal
    unknown = [given for normal, given in addresses.items() if normal not in known]
    return HTTPStatus.OK, {"entered": entered, "known": len(known), "unknown": unknown}


def _contact(address: str) -> int:
    """The contact of this address: none is made, for nothing is known here about consent."""
    try:
        found = Contact.objects.filter(key=normalise(address)).values_list("pk", flat=True).first()
    except InvalidAddress as bad:
        raise invalid([Problem("", "address", "bad_address", _("This isn’t an e-mail address."))]) from bad
    if found is None:
        raise Refused(HTTPStatus.NOT_FOUND, "unknown_contact", _("There is no contact with this address."))
    return found


def _addresses(fields: Reader) -> dict[str, str]:
    """As they were given, by their key; each once."""
    found: dict[str, str] = {}
    items = fields.items("addresses", MOST_ADDRESSES)
    for position, given in enumerate(items):
        try:
            found.setdefault(normalise(given if isinstance(given, str) else ""), given)
        except InvalidAddress:
            fields.note(f"addresses.{position}", "bad_address", _("This isn’t an e-mail address."))
    if not items and not fields.has_problems:
        fields.note("addresses", "missing", _("Give the addresses of one contact or more."))
    return found


def _object(fields: Reader, name: str) -> dict[str, Any]:
    part = fields.part(name)
    return dict(part.data) if part is not None else {}


def _moment(fields: Reader, name: str) -> datetime | None:
    """An aware moment that isn't in the future, or None where it is left out."""
    if not fields.has(name):
        return None
    try:
        moment = parse_datetime(fields.text(name, max_length=40))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        text = _("Write a moment with its offset, such as 2026-03-02T12:00:00Z.")
        fields.note(name, "not_a_moment", text)
    elif _is_future(moment):
        fields.note(name, "future", _("This moment is in the future."))
    return moment


def _is_future(moment: datetime) -> bool:
    try:
        return moment > clock.now() + FUTURE
    except OverflowError:
        return True
