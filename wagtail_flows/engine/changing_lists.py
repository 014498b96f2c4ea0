"""Changing subscriptions, as steps decided: at once for a whole round, so that the next step sees them; told as events
when the visits that caused them are stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from django.utils.translation import gettext as _

from wagtail_flows.contacts.subscription_batches import Became, ListWish, change_subscriptions
from wagtail_flows.engine.passage import Passage
from wagtail_flows.events.recording import NewEvent, record_many
from wagtail_flows.scenarios.models import Scenario
from wagtail_flows.scenarios.outcomes import ChangeSubscription


def change_lists(passages: Iterable[Passage]) -> None:
    """Do what these passages ask for. A constant number of statements, none where nobody asks. Under the lock of the
    contacts.
    """
    asked = [(passage, visit, wish) for passage in passages for visit, wish in passage.list_changes]
    if not asked:
        return
    scenarios = {passage.enrollment.scenario_id for passage, _visit, _wish in asked}
    names = dict(Scenario.objects.filter(pk__in=scenarios).values_list("pk", "name"))
    results = change_subscriptions([_wanted(passage, visit.step, wish, names) for passage, visit, wish in asked])
    for (passage, visit, _wish), became in zip(asked, results, strict=True):
        visit.seen["list"] = _seen(became)
        passage.list_changes.clear()
        passage.lists_changed.append((visit, became))


def _wanted(passage: Passage, step: str, wish: ChangeSubscription, names: Mapping[int, str]) -> ListWish:
    at = passage.enrollment
    who = _("By the scenario “%(scenario)s”, step %(step)s.") % {"scenario": names[at.scenario_id], "step": step}
    return ListWish(at.contact_id, wish.mailing_list, wish.verb, wish.consent or who, has_consent=bool(wish.consent))


def _seen(became: Became) -> dict[str, str] | None:
    return None if became.is_lost else {"before": became.before, "after": became.after}


def tell_lists(passages: Iterable[Passage]) -> None:
    """Record what was changed. The visits are stored."""
    record_many(list(_told(passages)))


def _told(passages: Iterable[Passage]) -> Iterator[NewEvent]:
    """Each is one link longer than the chain that its enrollment stands at the end of."""
    for passage in passages:
        for visit, became in passage.lists_changed:
            if became.event is not None:
                [cause_id] = passage.visit_ids[visit.number]
                yield replace(became.event, cause_id=cause_id, depth=passage.enrollment.depth + 1)
