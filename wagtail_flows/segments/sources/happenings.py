"""Fields about what happened: engagement, carts, page views, and events of any registered kind, counted within a
window.

What has no table of its own is asked of the events of its kind, so the field works from the day on which such events
are recorded.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from wagtail_flows.events import kinds
from wagtail_flows.events.models import Event
from wagtail_flows.lib.json_tests import Compared, Contains, Says
from wagtail_flows.segments import comparing
from wagtail_flows.segments.compiling import Scope
from wagtail_flows.segments.fields import Field, Option, OptionKind
from wagtail_flows.segments.grouped import counted
from wagtail_flows.segments.operators import FieldType
from wagtail_flows.segments.rules import Clause, Condition
from wagtail_flows.segments.semijoins import has_row


WITHIN = Option("within_days", OptionKind.DAYS, _("in the last (days)"))
MESSAGE = Option("message", OptionKind.REFERENCE, _("e-mail"), refers_to="message")
LINK = Option("link", OptionKind.TEXT, _("link"))
PEOPLE = Option(
    "by", OptionKind.CHOICE, _("by"), choices=(("human", _("people only")), ("any", _("anyone, machines too")))
)
PRODUCT = Option("product", OptionKind.REFERENCE, _("product"), refers_to="product")
PAGE = Option("page", OptionKind.REFERENCE, _("page"), refers_to="page")
CONDITIONS = Option("where", OptionKind.CONDITIONS, _("where"))

EVENT = "event."

# Fields named after what people look for, and the kind of event that answers them.
NAMED = {
    "engagement.sent": ("message.sent", _("was sent an e-mail"), _("Engagement"), (MESSAGE, WITHIN)),
    "engagement.opened": ("message.opened", _("opened an e-mail"), _("Engagement"), (MESSAGE, PEOPLE, WITHIN)),
    "engagement.clicked": (
        "message.clicked",
        _("clicked in an e-mail"),
        _("Engagement"),
        (MESSAGE, LINK, PEOPLE, WITHIN),
    ),
    "cart.updated": ("cart.updated", _("filled a cart"), _("Shop"), (PRODUCT, WITHIN)),
    "cart.abandoned": ("cart.abandoned", _("left a cart"), _("Shop"), (PRODUCT, WITHIN)),
    "page.viewed": ("page.viewed", _("viewed a page"), _("Site"), (PAGE, WITHIN)),
}
# Options that are keys of the data.
_DATA = ("message", "link", "product", "page")


class HappeningSource:
    def fields(self) -> Iterable[Field]:
        for name, (_kind, label, group, options) in NAMED.items():
            yield Field(name, label, group, FieldType.COUNT, options=options)
        for kind in kinds.all_kinds():
            yield Field(EVENT + kind.name, kind.label, _("Events"), FieldType.COUNT, options=(WITHIN, CONDITIONS))

    def q(self, clause: Clause, scope: Scope) -> Q:
        rows = _rows(clause, scope)
        if clause.operator == "at_least_once" or (clause.operator, clause.value) == ("at_least", 1):
            return has_row(rows)
        return counted(rows, clause.operator, clause.value, scope, Count("*"))

    def hangs_on(self, clause: Clause, scope: Scope) -> Hashable:
        return None

    def seen(self, clause: Clause, contact_ids: Sequence[int], scope: Scope) -> Mapping[int, Any]:
        rows = _rows(clause, scope).filter(contact_id__in=contact_ids).order_by()
        return dict(rows.values("contact_id").annotate(times=Count("pk")).values_list("contact_id", "times"))


def _rows(clause: Clause, scope: Scope) -> QuerySet[Event]:
    kind = NAMED[clause.field][0] if clause.field in NAMED else clause.field.removeprefix(EVENT)
    rows = Event.objects.filter(kind=kind)
    if (within := clause.option("within_days")) is not None:
        rows = rows.filter(comparing.moment(Clause("", "in_last_days", within), "occurred_at", scope))
    for key in _DATA:
        if wanted := clause.option(key):
            rows = rows.filter(Says("data", key, wanted))
    # "people only" is what a marketer means by opening; machines are counted when asked for.
    if clause.field in {"engagement.opened", "engagement.clicked"} and clause.option("by", "human") == "human":
        rows = rows.filter(Says("data", "by", "human"))
    for condition in clause.option("where", ()):
        rows = with_condition(rows, condition)
    return rows


def with_condition(rows: QuerySet[Event], condition: Condition) -> QuerySet[Event]:
    """Events whose data meet `condition`; data that is missing, or no number where one is asked for, meets only
    `is_not`. A list contains what equals one of its items, a text what stands in it.
    """
    asked = "data", condition.name, str(condition.value)
    match condition.operator:
        case "is":
            return rows.filter(Says(*asked))
        case "is_not":
            return rows.exclude(Says(*asked))
        case "contains":
            return rows.filter(Contains(*asked))
    return rows.alias(compared=Compared(*asked)).filter(comparing.number(condition.operator, 0, "compared"))
