"""Importing: what a file says becomes the draft of the scenario of that name, or of a new one. Nothing is published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from wagtail_flows.exceptions import FlowsError
from wagtail_flows.lib.db import locked
from wagtail_flows.scenarios import catalogue
from wagtail_flows.scenarios.comparing import Change, compare
from wagtail_flows.scenarios.exchange import Content
from wagtail_flows.scenarios.graph import Graph, dump, read
from wagtail_flows.scenarios.models import Scenario, hash_of
from wagtail_flows.scenarios.problems import Problem
from wagtail_flows.scenarios.publishing import problems_of


NEW = "new"


class NotImportable(FlowsError):
    """The draft can't be written now; the message says why. Nothing was changed."""


@dataclass(frozen=True)
class Preview:
    """What importing would do. `scenario`: whose draft is changed, None where one is made; `changes`: against the
    draft; `problems`: of the draft to come; `seen`: what the draft was when this was said. `is_needed`: anything would
    be written.
    """

    content: Content
    scenario: Scenario | None
    changes: tuple[Change, ...]
    problems: tuple[Problem, ...]
    seen: str
    is_needed: bool


def draft_of(scenario: Scenario) -> Scenario:
    """The scenario as it was saved last, published or not."""
    draft: Scenario = scenario.get_latest_revision_as_object()
    return draft


def changes_between(before: Any, after: Any) -> tuple[Change, ...]:
    """The differences between two graphs (JSON of any shape, of which as much is compared as can be read)."""
    graphs: tuple[Graph, Graph] = (read(before).graph, read(after).graph)
    known = catalogue.known([*graphs[0].references(), *graphs[1].references()])
    return compare(*graphs, known)


def preview(content: Content) -> Preview:
    """What importing would do. Raises NotImportable where two scenarios have the name."""
    scenario = _named(content.name)
    before = draft_of(scenario).graph if scenario is not None else {}
    return Preview(
        content,
        scenario,
        changes_between(before, content.graph),
        problems_of(content.graph, draft_of(scenario).plan if scenario is not None else {}),
        hash_of(before) if scenario is not None else NEW,
        scenario is None or not _says(before, content.graph),
    )


def _says(graph: Any, normal: dict[str, Any]) -> bool:
    """Whether a draft's graph says the same, perhaps in another form, as one that was read and written."""
    reading = read(graph)
    return not reading.problems and dump(reading.graph) == normal


def save_draft(content: Content, *, seen: str, user: Any = None) -> Scenario:
    """Write the draft, if it still is what `seen` says. Raises NotImportable: locked, or changed meanwhile.

    The same file again changes nothing.
    """
    with transaction.atomic():
        scenario = _named(content.name)
        if scenario is None:
            return _made(content, seen, user)
        row = locked(Scenario.objects.filter(pk=scenario.pk)).get()
        draft = draft_of(row)
        if hash_of(draft.graph) != seen:
            raise NotImportable(_("The draft was changed meanwhile: look again at what would change."))
        _refuse_locked(row, user)
        if not _says(draft.graph, content.graph):
            draft.graph = content.graph
            draft.save_revision(user=user, log_action=True)
        return row


def _named(name: str) -> Scenario | None:
    found = list(Scenario.objects.filter(name=name)[:2])
    if len(found) > 1:
        raise NotImportable(_("Several scenarios are called “%(name)s”: rename them first.") % {"name": name})
    return found[0] if found else None


def _made(content: Content, seen: str, user: Any) -> Scenario:
    if seen != NEW:
        raise NotImportable(_("The scenario was deleted or renamed meanwhile: look again at what would change."))
    scenario = Scenario(name=content.name, graph=content.graph)
    scenario.save()
    log(scenario, "wagtail.create", user=user)
    scenario.save_revision(user=user)
    return scenario


def _refuse_locked(scenario: Scenario, user: Any) -> None:
    lock = scenario.get_lock()
    if lock is not None and (user is None or lock.for_user(user)):
        raise NotImportable(_("“%(scenario)s” is locked, so its draft can’t be changed now.") % {"scenario": scenario})
