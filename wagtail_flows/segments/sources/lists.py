"""Fields about lists: who is subscribed, pending, unsubscribed, added only, since when, by which form."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from wagtail_flows.contacts.models import Consent, Subscription
from wagtail_flows.segments import comparing
from wagtail_flows.segments.compiling import Scope
from wagtail_flows.segments.fields import Field, Option, OptionKind
from wagtail_flows.segments.operators import FieldType
from wagtail_flows.segments.rules import Clause
from wagtail_flows.segments.semijoins import has_row


GROUP = _("Lists")
LIST = Option("list", OptionKind.REFERENCE, _("list"), refers_to="list", is_required=True)
FORM = Option("page", OptionKind.REFERENCE, _("by the form on"), refers_to="page")

# Field → status, and the column that says since when.
STATUSES = {
    "list.subscribed": (Subscription.Status.SUBSCRIBED, "confirmed_at"),
    "list.pending": (Subscription.Status.PENDING, "requested_at"),
    "list.unsubscribed": (Subscription.Status.UNSUBSCRIBED, "left_at"),
    "list.added": (Subscription.Status.ADDED, "requested_at"),
}

FIELDS = (
    Field("list.subscribed", _("subscribed"), GROUP, FieldType.MEMBERSHIP, refers_to="list", options=(FORM,)),
    Field("list.pending", _("not yet confirmed"), GROUP, FieldType.MEMBERSHIP, refers_to="list", options=(FORM,)),
    Field("list.unsubscribed", _("unsubscribed"), GROUP, FieldType.MEMBERSHIP, refers_to="list", options=(FORM,)),
    Field("list.added", _("added without subscribing"), GROUP, FieldType.MEMBERSHIP, refers_to="list"),
    Field("list.subscribed_at", _("subscribed since"), GROUP, FieldType.MOMENT, options=(LIST,)),
    Field("list.pending_at", _("asked to subscribe"), GROUP, FieldType.MOMENT, options=(LIST,)),
    Field("list.unsubscribed_at", _("unsubscribed since"), GROUP, FieldType.MOMENT, options=(LIST,)),
    Field("list.added_at", _("added without subscribing since"), GROUP, FieldType.MOMENT, options=(LIST,)),
)


class ListSource:
    def fields(self) -> Iterable[Field]:
        return FIELDS

    def q(self, clause: Clause, scope: Scope) -> Q:
        rows = _rows(clause, scope)
        if clause.field.endswith("_at"):
            _status, since = STATUSES[clause.field.removesuffix("_at")]
            return has_row(rows.filter(comparing.moment(clause, since, scope)))
        if page := clause.option("page"):
            asked = Consent.objects.filter(
                contact_id=OuterRef("contact_id"), mailing_list_id=OuterRef("mailing_list_id"), page_id=int(page)
            )
            rows = rows.filter(Exists(asked))
        return has_row(rows)

    def hangs_on(self, clause: Clause, scope: Scope) -> Hashable:
        return tuple(_chosen(clause, scope))

    def seen(self, clause: Clause, contact_ids: Sequence[int], scope: Scope) -> Mapping[int, Any]:
        _status, since = STATUSES[clause.field.removesuffix("_at")]
        rows = _rows(clause, scope).filter(contact_id__in=contact_ids).order_by("mailing_list__name")
        seen: dict[int, list[Any]] = {}
        for contact_id, name, at in rows.values_list("contact_id", "mailing_list__name", since):
            seen.setdefault(contact_id, []).append({"list": name, "since": at})
        return seen


def _rows(clause: Clause, scope: Scope) -> QuerySet[Subscription]:
    status, _since = STATUSES[clause.field.removesuffix("_at")]
    return Subscription.objects.filter(status=status, mailing_list_id__in=_chosen(clause, scope))


def _chosen(clause: Clause, scope: Scope) -> list[int]:
    """Looked up first: a planner that sees the ids knows how many people are on the lists; through a join it
    guesses.
    """
    chosen = clause.chosen() if clause.field in STATUSES else [clause.option("list")]
    found = scope.existing.of("list", chosen)
    return [found[public_id] for public_id in chosen if public_id in found]
