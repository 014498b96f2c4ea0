"""Passages from the database: those who stand alike together. The database puts them together, for an object each would
take longer than all the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Aggregate, BigIntegerField, Case, F, JSONField, Q, When

from wagtail_flows.contacts.models import Contact
from wagtail_flows.engine.models import Enrollment
from wagtail_flows.engine.passage import Insider, Passage
from wagtail_flows.engine.snapshots import snapshot
from wagtail_flows.engine.versions import graphs, scenario_ids
from wagtail_flows.engine.zones import zone_named
from wagtail_flows.events.models import Event
from wagtail_flows.lib.among import among


# What is each one's own, or what nobody looks at who moves them.
OWN = ("id", "contact_id", "public_id", "trigger_id", "entry_key")
SHARED = tuple(field.attname for field in Enrollment._meta.concrete_fields if field.attname not in OWN)
# An event is of one contact only, and so is what was told about one.
IS_ALONE = Q(trigger_event__isnull=False) | Q(woken_by__isnull=False) | ~Q(waits_for_kind="") | ~Q(data={})


class Pairs(Aggregate):
    """A list of the pairs of two columns."""

    output_field = JSONField()

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        return self.as_sql(compiler, connection, template="JSONB_AGG(JSONB_BUILD_ARRAY(%(expressions)s))")

    def as_sqlite(self, compiler: Any, connection: Any, **extra_context: Any) -> Any:
        return self.as_sql(compiler, connection, template="JSON_GROUP_ARRAY(JSON_ARRAY(%(expressions)s))")


def passages(enrollment_ids: Sequence[int]) -> list[Passage]:
    """Of these enrollments. A constant number of queries."""
    alone = Case(When(IS_ALONE, then=F("pk")), default=None, output_field=BigIntegerField())
    standing = (
        Enrollment.objects.filter(among("pk", enrollment_ids))
        .order_by()
        .values(*SHARED, zone=F("contact__time_zone"), alone=alone)
        .annotate(insiders=Pairs("pk", "contact_id"))
    )
    groups = [(row, sorted(Insider(*pair) for pair in row["insiders"])) for row in standing]
    firsts = [_enrollment(row, insiders[0]) for row, insiders in groups]
    version_ids = {one.version_id for one in firsts}
    known, scenarios = graphs(version_ids), scenario_ids(version_ids)
    events = Event.objects.in_bulk({pk for one in firsts for pk in (one.trigger_event_id, one.woken_by_id) if pk})
    snapshots = {pk: snapshot(event) for pk, event in events.items()}
    return [
        Passage(
            enrollment=first,
            insiders=insiders,
            graph=known[first.version_id],
            event=snapshots.get(first.trigger_event_id or 0),
            zone=zone_named(row["zone"]),
            scenario=scenarios[first.version_id],
            woken_by=snapshots.get(first.woken_by_id or 0),
        )
        for first, (row, insiders) in zip(firsts, groups, strict=True)
    ]


def name_contacts(alone: Sequence[Passage]) -> None:
    """Tell these passages, each of one contact, who it is. One query."""
    contact_ids = [passage.enrollment.contact_id for passage in alone]
    public_ids = dict(Contact.objects.filter(among("pk", contact_ids)).values_list("pk", "public_id"))
    for passage in alone:
        passage.contact = str(public_ids[passage.enrollment.contact_id])


def _enrollment(row: Mapping[str, Any], first: Insider) -> Enrollment:
    values = {**row, "id": first.enrollment_id, "contact_id": first.contact_id}
    names = [field.attname for field in Enrollment._meta.concrete_fields if field.attname in values]
    return Enrollment.from_db(None, names, [values[name] for name in names])
