"""The state of a scenario in words: draft, live, paused, archived, and what is still being carried out."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext, ngettext

from wagtail_flows.lib.admin_columns import BAD, BUSY, GOOD, QUIET, StatusColumn
from wagtail_flows.lib.admin_inspect import Banner
from wagtail_flows.scenarios.brakes import brake_text
from wagtail_flows.scenarios.models import Scenario
from wagtail_flows.scenarios.plan import Inside
from wagtail_flows.scenarios.publication_model import Publication
from wagtail_flows.scenarios.standing import count_before


TONES = {"live": GOOD, "paused": BUSY, "braked": BAD, "draft": QUIET, "archived": QUIET}


def state_of(scenario: Scenario) -> str:
    """archived, draft, paused, braked (by a brake) or live."""
    if scenario.archived_at is not None:
        return "archived"
    if not scenario.live:
        return "draft"
    if scenario.is_paused:
        return "braked" if scenario.brake else "paused"
    return "live"


def state_text(scenario: Scenario) -> str:
    """The same in words, and whether changes wait to be published."""
    words = {
        "archived": gettext("archived"),
        "draft": gettext("not published"),
        "paused": gettext("paused"),
        "braked": gettext("paused by a brake"),
        "live": gettext("live"),
    }
    state = state_of(scenario)
    if state in ("archived", "draft") or not scenario.has_unpublished_changes:
        return words[state]
    return gettext("%(state)s, changes not published") % {"state": words[state]}


def state_in_listing(scenario: Scenario) -> str:
    """The same with what is being carried out, where the listing has marked that something is."""
    told = state_text(scenario)
    if not getattr(scenario, "has_publication", False):
        return told
    return "; ".join([told, *publication_texts(scenario)])


class StateColumn(StatusColumn):
    """Told by more than one field."""

    def get_cell_context_data(self, instance: Scenario, parent_context: Any) -> dict[str, Any]:
        instance.state = state_of(instance)
        return super().get_cell_context_data(instance, parent_context)


def publication_texts(scenario: Scenario) -> list[str]:
    """What is still being carried out of publish plans, in sentences; mostly nothing."""
    publications = scenario.publications.select_related("version", "scenario").order_by("pk")
    return [text for one in publications if (text := _publication_text(one))]


def _publication_text(publication: Publication) -> str:
    left = count_before(publication)
    values = {"count": left, "number": publication.version.number}
    if left and publication.inside == Inside.MOVE:
        text = ngettext(
            "%(count)d person is being moved to version %(number)d.",
            "%(count)d people are being moved to version %(number)d.",
            left,
        )
    elif left and publication.inside == Inside.LEAVE:
        text = ngettext("%(count)d person is being taken out.", "%(count)d people are being taken out.", left)
    else:
        text = gettext("Who matches the triggers already is being brought in.") if publication.intake else ""
    return text % values


def state_banners(scenario: Scenario) -> list[Banner]:
    """What one should know before anything else."""
    moving = [Banner(text) for text in publication_texts(scenario)]
    match state_of(scenario):
        case "archived":
            return [Banner(gettext("Archived: nobody comes in. It can be restored as a draft.")), *moving]
        case _ if scenario.is_paused and scenario.brake:
            return [Banner(_braked_text(scenario), "critical"), *moving]
        case _ if scenario.is_paused:
            text = gettext("Paused: nobody inside moves on, and nothing is sent. People still come in.")
            return [Banner(text, "warning"), *moving]
        case "draft":
            return [Banner(gettext("Not published: nobody comes in.")), *moving]
        case _:
            return moving


def _braked_text(scenario: Scenario) -> str:
    reason = brake_text(scenario.brake, scenario.brake_numbers)
    told = gettext("A brake paused this scenario: nobody inside moves on, and nothing is sent. %(reason)s")
    return f"{told % {'reason': reason}} {gettext('Look at what it sent, correct it, then resume it.')}"
