"""Who is in the audience of a scenario now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache

from django.db.models import QuerySet

from wagtail_flows.contacts.models import Contact
from wagtail_flows.engine.versions import graphs
from wagtail_flows.scenarios.audience import Audience
from wagtail_flows.scenarios.references import Target
from wagtail_flows.scenarios.rules import read_rule
from wagtail_flows.segments.compiling import Scope, compile_rule
from wagtail_flows.segments.membership import by_public_id, matching, matching_rule, members
from wagtail_flows.segments.rules import RuleInvalid


REMEMBERED = 512


def outside(pairs: Iterable[tuple[int, Audience | None]]) -> set[tuple[int, Audience | None]]:
    """Those of these (contact, audience) where the contact isn't in the audience. One question for each audience."""
    asked: dict[Audience, set[int]] = defaultdict(set)
    for contact_id, audience in pairs:
        if audience is not None:
            asked[audience].add(contact_id)
    return {
        (contact_id, audience)
        for audience, contact_ids in asked.items()
        for contact_id in contact_ids - among(audience, contact_ids)
    }


def among(audience: Audience, contact_ids: Collection[int]) -> set[int]:
    """Who of these is in it. Of a segment that is gone, or a rule that can't be asked any more, nobody."""
    if audience.target is Target.SEGMENT:
        segment = by_public_id(audience.asked)
        return set() if segment is None else matching(segment, list(contact_ids))
    try:
        rule = read_rule(audience.asked, Scope())
    except RuleInvalid:
        return set()
    return matching_rule(rule, list(contact_ids))


def everybody(audience: Audience) -> QuerySet[Contact]:
    """Everybody in it now, as a queryset; nobody where `among` says nobody."""
    if audience.target is Target.SEGMENT:
        segment = by_public_id(audience.asked)
        return Contact.objects.none() if segment is None else members(segment)
    scope = Scope()
    try:
        return Contact.objects.filter(compile_rule(read_rule(audience.asked, scope), scope))
    except RuleInvalid:
        return Contact.objects.none()


def rechecked(versions: Mapping[int, str]) -> dict[int, Audience]:
    """The audiences that are asked again before each e-mail, by version. `versions`: the hash of each one's graph."""
    found = {version_id: _audience(version_id, graph_hash) for version_id, graph_hash in versions.items()}
    return {version_id: one for version_id, one in found.items() if one is not None and one.recheck}


@lru_cache(maxsize=REMEMBERED)
def _audience(version_id: int, graph_hash: str) -> Audience | None:
    """Asked at every hand-over, so kept in memory: a version never changes. Its hash tells one whose key came back."""
    return graphs([version_id])[version_id].audience
