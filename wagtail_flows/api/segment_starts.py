"""A program starts a scenario for a segment: as the admin does, a batch at a time, followed up by the runner."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext as _

from wagtail_flows.api.problems import Refused, invalid, not_startable
from wagtail_flows.engine.manual_models import ManualStart
from wagtail_flows.engine.manual_starts import LONGEST_KEY_OF_PROGRAM, begin, key_of_program, prepare
from wagtail_flows.engine.starting import NotStartable
from wagtail_flows.lib.problems import Problem
from wagtail_flows.scenarios.models import Scenario
from wagtail_flows.scenarios.reading import Reader
from wagtail_flows.segments.membership import by_public_id, problems_of
from wagtail_flows.segments.models import Segment


def start_segment(scenario: Scenario, fields: Reader, problems: list[Problem]) -> tuple[HTTPStatus, dict[str, Any]]:
    """202: begun; 200: begun already with this key, and how far it is. `problems` is what `fields` notes. Raises
    Refused.
    """
    public_id = fields.key("segment")
    key = fields.text("key", max_length=LONGEST_KEY_OF_PROGRAM)
    fields.close()
    if problems:
        raise invalid(problems)
    segment = _segment(public_id)
    row = prepare(key=key_of_program(scenario, key), segment=segment)
    if row.segment != segment:
        text = _("Another segment was started with this key: choose another key.")
        raise Refused(HTTPStatus.CONFLICT, "key_taken", text)
    try:
        is_new = begin(row, scenario)
    except NotStartable as refusal:
        raise not_startable() from refusal
    return HTTPStatus.ACCEPTED if is_new else HTTPStatus.OK, _how_far(row)


def _segment(public_id: str) -> Segment:
    """One that can be asked. Raises Refused."""
    segment = by_public_id(public_id)
    if segment is None:
        raise Refused(HTTPStatus.NOT_FOUND, "unknown_segment", _("There is no segment with this identifier."))
    if problems_of(segment):
        text = _("The segment “%(name)s” can't be asked: open it to see why.") % {"name": segment.name}
        raise Refused(HTTPStatus.CONFLICT, "segment_broken", text)
    return segment


def _how_far(row: ManualStart) -> dict[str, Any]:
    row.refresh_from_db()
    return {"entered": row.entered, "looked_at": row.looked_at, "finished": row.finished_at is not None}
