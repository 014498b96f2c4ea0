"""Reading the texts of steps as messages will, before anybody comes to the step."""

from __future__ import annotations

from collections.abc import Collection

from wagtail_flows.messages.context import known_names
from wagtail_flows.messages.personalize import complaint, unknown_names
from wagtail_flows.scenarios.references import KnownText


# What notices to the staff know besides; an SMS that names it loses a link, and nothing else.
OWN_LINKS = frozenset({"contact"})


def read_texts(sources: Collection[str]) -> dict[str, KnownText]:
    """What is wrong with each, and which of its variables nothing fills. One query."""
    known = dict(known_names())
    known["links"] = (known.get("links") or frozenset()) | OWN_LINKS
    return {source: KnownText(complaint(source), unknown_names(source, known)) for source in sources}
