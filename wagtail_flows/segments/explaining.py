"""Why a contact is in a segment, or isn't, in words: each line of the rule with whether it held and what was seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from wagtail_flows.segments.fields import Fields, References
from wagtail_flows.segments.membership import Explained
from wagtail_flows.segments.rules import Clause
from wagtail_flows.segments.wording import clause_text, group_text, in_words


MOST_SEEN = 10


@dataclass(frozen=True, slots=True)
class ExplainedLine:
    text: str
    held: bool
    seen: str = ""
    parts: tuple[ExplainedLine, ...] = ()


def line_of(explained: Explained, fields: Fields, references: References) -> ExplainedLine:
    """The explanation as nested lines, in reading order."""
    if isinstance(explained.rule, Clause):
        text = capfirst(clause_text(explained.rule, fields, references))
        return ExplainedLine(text, explained.held, seen_in_words(explained.seen))
    parts = tuple(line_of(part, fields, references) for part in explained.parts)
    return ExplainedLine(group_text(explained.rule), explained.held, "", parts)


def seen_in_words(value: Any) -> str:
    """What decided, as people read it."""
    if value is None or value == "":
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")
    if isinstance(value, Mapping):
        return " – ".join(seen_in_words(part) for part in value.values())
    if isinstance(value, list | tuple):
        shown = [seen_in_words(part) for part in value[:MOST_SEEN]]
        return ", ".join([*shown, "…"] if len(value) > MOST_SEEN else shown)
    return in_words(value)
