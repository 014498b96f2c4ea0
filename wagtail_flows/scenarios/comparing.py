"""Comparing: what is different between two graphs, in translated words. Pure.

Steps and triggers are the same where their ids are; exit rules, which have none, where they say the same. The order in
which steps are written down means nothing, so it is no difference.
"""

from __future__ import annotations

import json

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from django.utils.translation import gettext as _

from wagtail_flows.scenarios.audience import Audience
from wagtail_flows.scenarios.exits import ExitRule
from wagtail_flows.scenarios.graph import Graph
from wagtail_flows.scenarios.quoting import quotable
from wagtail_flows.scenarios.references import References
from wagtail_flows.scenarios.step import Step
from wagtail_flows.scenarios.trigger import Trigger
from wagtail_flows.scenarios.untold import untold


P = TypeVar("P", Step, Trigger)


class Part(StrEnum):
    TRIGGER = "trigger"
    AUDIENCE = "audience"
    EXIT = "exit"
    STEP = "step"
    ARROW = "arrow"


class Kind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    RENAMED = "renamed"


@dataclass(frozen=True)
class Change:
    """One difference. `id`: of the step or trigger as it is called now ("" where it has none); `details`: what the
    sentence doesn't tell.
    """

    part: Part
    kind: Kind
    id: str
    text: str
    details: tuple[str, ...] = ()

    @property
    def is_named(self) -> bool:
        """Whether the text says already which step it is about."""
        return not self.id or self.id in self.text


def compare(before: Graph, after: Graph, names: References) -> tuple[Change, ...]:
    """Every difference, in the order of the outline; () where both do the same. `names`: of what either refers to."""
    new_ids = _renamed(before.steps, after.steps)
    return (
        *_compared(Part.TRIGGER, before.triggers, after.triggers, {}, names),
        *_audiences(before.audience, after.audience, names),
        *_exits(before.exits, after.exits, names),
        *_compared(Part.STEP, before.steps, after.steps, new_ids, names),
        *_arrows(before, after, new_ids, names),
    )


def _renamed(before: Sequence[Step], after: Sequence[Step]) -> dict[str, str]:
    """New ids by old ones: of steps that went while just one of the same kind, that says the same, came."""
    old_ids, new_ids = {step.id for step in before}, {step.id for step in after}
    gone = _by_saying(step for step in before if step.id not in new_ids)
    come = _by_saying(step for step in after if step.id not in old_ids)
    return {went[0]: come[said][0] for said, went in gone.items() if len(went) == 1 and len(come.get(said, ())) == 1}


def _by_saying(steps: Iterable[Step]) -> dict[tuple[str, str], list[str]]:
    """The ids of steps, by what they say."""
    found: dict[tuple[str, str], list[str]] = {}
    for step in steps:
        found.setdefault((step.kind, json.dumps(step.write(), sort_keys=True)), []).append(step.id)
    return found


def _compared(
    part: Part, before: Sequence[P], after: Sequence[P], new_ids: Mapping[str, str], names: References
) -> Iterator[Change]:
    old = {new_ids.get(one.id, one.id): one for one in before}
    kept = {one.id for one in after}
    for one in after:
        if one.id not in old:
            yield Change(part, Kind.ADDED, one.id, _("New: %(what)s") % {"what": _told(one, names)})
            continue
        if one.id in new_ids.values():
            values = {"what": _told(old[one.id], names), "id": one.id}
            yield Change(part, Kind.RENAMED, one.id, _("%(what)s is now called %(id)s") % values)
        yield from _changed(part, old[one.id], one, names)
    for identifier, one in old.items():
        if identifier not in kept:
            yield Change(part, Kind.REMOVED, one.id, _("Gone: %(what)s") % {"what": _told(one, names)})


def _changed(part: Part, before: P, after: P, names: References) -> Iterator[Change]:
    if before.kind == after.kind and before.write() == after.write():
        return
    if before.sentence(names) == after.sentence(names):
        text = _("%(what)s was changed") % {"what": _told(after, names)}
    else:
        text = _became(before.sentence(names), after.sentence(names))
    details = untold(before, after, names) if before.kind == after.kind else ()
    yield Change(part, Kind.CHANGED, after.id, text, details)


def _became(before: str, after: str) -> str:
    return _("“%(before)s” became “%(after)s”") % {"before": quotable(before), "after": quotable(after)}


def _told(one: Step | Trigger, names: References) -> str:
    """A step or trigger as it is mentioned: two may say the same, so the id stands beside."""
    return _("“%(sentence)s” (%(id)s)") % {"sentence": quotable(one.sentence(names)), "id": one.id}


def _audiences(before: Audience | None, after: Audience | None, names: References) -> Iterator[Change]:
    if before == after:
        return
    match before, after:
        case None, Audience():
            text = _("New: “%(what)s”") % {"what": quotable(after.sentence(names))}
            yield Change(Part.AUDIENCE, Kind.ADDED, "", text)
        case Audience(), None:
            text = _("Gone: “%(what)s”. Everybody may be in it now.") % {"what": quotable(before.sentence(names))}
            yield Change(Part.AUDIENCE, Kind.REMOVED, "", text)
        case Audience(), Audience():
            text = _became(before.sentence(names), after.sentence(names))
            yield Change(Part.AUDIENCE, Kind.CHANGED, "", text)


def _exits(before: Sequence[ExitRule], after: Sequence[ExitRule], names: References) -> Iterator[Change]:
    gone, come = list((Counter(before) - Counter(after)).elements()), Counter(after) - Counter(before)
    for rule in come.elements():
        same = next((other for other in gone if other.event == rule.event), None)
        if same is None:
            yield Change(Part.EXIT, Kind.ADDED, "", _("New: “%(what)s”") % {"what": quotable(rule.sentence(names))})
        else:
            gone.remove(same)
            yield Change(Part.EXIT, Kind.CHANGED, "", _became(same.sentence(names), rule.sentence(names)))
    for rule in gone:
        yield Change(Part.EXIT, Kind.REMOVED, "", _("Gone: “%(what)s”") % {"what": quotable(rule.sentence(names))})


def _arrows(before: Graph, after: Graph, new_ids: Mapping[str, str], names: References) -> Iterator[Change]:
    """Where steps that were there before lead now."""
    if new_ids.get(before.start, before.start) != after.start:
        values = {"after": _place(after, after.start, names), "before": _place(before, before.start, names)}
        text = _("It begins with %(after)s instead of %(before)s") % values
        yield Change(Part.ARROW, Kind.CHANGED, "", text)
    old = {new_ids.get(step.id, step.id): step for step in before.steps}
    for step in after.steps:
        if step.id in old:
            yield from _rewired(before, old[step.id], after, step, new_ids, names)


def _rewired(
    before: Graph, old: Step, after: Graph, step: Step, new_ids: Mapping[str, str], names: References
) -> Iterator[Change]:
    for outlet in dict.fromkeys((*old.outlets, *step.outlets)):
        was, now = old.outlets.get(outlet), step.outlets.get(outlet)
        if was is not None and now == new_ids.get(was, was):
            continue
        values = {
            "step": _told(step, names),
            "outlet": outlet,
            "before": _place(before, was, names) if was else "",
            "after": _place(after, now, names) if now else "",
        }
        if not was:
            yield Change(Part.ARROW, Kind.ADDED, step.id, _("%(step)s: “%(outlet)s” leads to %(after)s") % values)
        elif not now:
            text = _("%(step)s: “%(outlet)s” is gone; it led to %(before)s")
            yield Change(Part.ARROW, Kind.REMOVED, step.id, text % values)
        else:
            text = _("%(step)s: “%(outlet)s” leads to %(after)s instead of %(before)s")
            yield Change(Part.ARROW, Kind.CHANGED, step.id, text % values)


def _place(graph: Graph, identifier: str, names: References) -> str:
    """Where an arrow leads: a step that isn't there is called by its id."""
    step = graph.by_id.get(identifier)
    return _told(step, names) if step is not None else identifier or _("nothing")
