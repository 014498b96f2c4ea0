"""What segments can ask about scenarios: who is inside, who was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from wagtail_flows.engine.models import Enrollment, Visit
from wagtail_flows.scenarios.steps.goal import GOAL
from wagtail_flows.segments import comparing
from wagtail_flows.segments.compiling import Scope
from wagtail_flows.segments.fields import Field, Option, OptionKind
from wagtail_flows.segments.operators import FieldType
from wagtail_flows.segments.rules import Clause
from wagtail_flows.segments.semijoins import has_row


GROUP = _("Scenarios")
WITHIN = Option("within_days", OptionKind.DAYS, _("entered in the last (days)"))
FIELDS = (
    Field("scenario.inside", _("is in a scenario"), GROUP, FieldType.MEMBERSHIP, refers_to="scenario"),
    Field(
        "scenario.entered",
        _("was ever in a scenario"),
        GROUP,
        FieldType.MEMBERSHIP,
        refers_to="scenario",
        options=(WITHIN,),
    ),
    Field(
        "scenario.goal", _("reached the goal of"), GROUP, FieldType.MEMBERSHIP, refers_to="scenario", options=(WITHIN,)
    ),
)


class ScenarioSource:
    def fields(self) -> Iterable[Field]:
        return FIELDS

    def q(self, clause: Clause, scope: Scope) -> Q:
        return has_row(_rows(clause, scope))

    def seen(self, clause: Clause, contact_ids: Sequence[int], scope: Scope) -> Mapping[int, Any]:
        seen: dict[int, list[Any]] = {}
        rows = _rows(clause, scope).filter(contact_id__in=contact_ids).order_by("entered_at")
        for contact_id, name, at in rows.values_list("contact_id", "scenario__name", "entered_at"):
            seen.setdefault(contact_id, []).append({"scenario": name, "since": at})
        return seen


def _rows(clause: Clause, scope: Scope) -> QuerySet[Enrollment]:
    rows = Enrollment.objects.filter(scenario__public_id__in=clause.chosen())
    if clause.field == "scenario.inside":
        return rows.exclude(status=Enrollment.Status.ENDED)
    if clause.field == "scenario.goal":
        # Passed on the way, or the end of it.
        passed = Visit.objects.filter(enrollment_id=OuterRef("pk"), kind=GOAL)
        rows = rows.filter(Q(exit_reason=GOAL) | Q(Exists(passed)))
    if (within := clause.option("within_days")) is not None:
        rows = rows.filter(comparing.moment(Clause("", "in_last_days", within), "entered_at", scope))
    return rows
