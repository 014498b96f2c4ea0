"""Fields of the contact itself."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from wagtail_flows.contacts.models import Contact, Suppression
from wagtail_flows.segments import comparing
from wagtail_flows.segments.compiling import EVERYBODY, Scope
from wagtail_flows.segments.fields import Field
from wagtail_flows.segments.operators import FieldType
from wagtail_flows.segments.rules import Clause
from wagtail_flows.segments.semijoins import LookedUp


GROUP = _("Contact")

# The address bounced, or no mail at all may go to it.
UNDELIVERABLE = "contact.undeliverable"

# Field name → the column that is compared, the column that is shown.
COLUMNS = {
    "contact.address": ("key", "address"),
    "contact.domain": ("domain", "domain"),
    "contact.first_name": ("first_name_folded", "first_name"),
    "contact.last_name": ("last_name_folded", "last_name"),
    "contact.locale": ("locale_folded", "locale"),
    "contact.time_zone": ("time_zone_folded", "time_zone"),
    "contact.created_at": ("created_at", "created_at"),
    "contact.is_never_asked_for_review": ("is_never_asked_for_review", "is_never_asked_for_review"),
}

FIELDS = (
    Field("contact.address", _("e-mail address"), GROUP, FieldType.TEXT),
    Field("contact.domain", _("domain of the address"), GROUP, FieldType.TEXT),
    Field("contact.first_name", _("first name"), GROUP, FieldType.TEXT),
    Field("contact.last_name", _("last name"), GROUP, FieldType.TEXT),
    Field("contact.locale", _("language"), GROUP, FieldType.TEXT),
    Field("contact.time_zone", _("time zone"), GROUP, FieldType.TEXT),
    Field("contact.created_at", _("known since"), GROUP, FieldType.MOMENT),
    Field("contact.is_never_asked_for_review", _("never ask for a review"), GROUP, FieldType.BOOLEAN),
    Field(UNDELIVERABLE, _("can't be reached by e-mail"), GROUP, FieldType.BOOLEAN),
)


class ContactSource:
    def fields(self) -> Iterable[Field]:
        return FIELDS

    def q(self, clause: Clause, scope: Scope) -> Q:
        if clause.field == UNDELIVERABLE:
            return _undeliverable(clause.operator, scope)
        column, _shown = COLUMNS[clause.field]
        if clause.field == "contact.created_at":
            return comparing.moment(clause, column, scope)
        if clause.field == "contact.is_never_asked_for_review":
            return comparing.boolean(clause, column)
        return comparing.text(clause, column)

    def hangs_on(self, clause: Clause, scope: Scope) -> Hashable:
        return None

    def seen(self, clause: Clause, contact_ids: Sequence[int], scope: Scope) -> Mapping[int, Any]:
        contacts = Contact.objects.filter(pk__in=contact_ids).order_by()
        if clause.field == UNDELIVERABLE:
            return dict(contacts.values_list("pk", _unreachable()))
        _column, shown = COLUMNS[clause.field]
        return dict(contacts.values_list("pk", shown))


def _unreachable(*, of_a_batch: bool = False) -> Exists:
    held = Q(scope=Suppression.Scope.ALL) | Q(reason=Suppression.Reason.BOUNCED)
    rows = Suppression.objects.filter(held, key_hash=OuterRef("key_hash"))
    return LookedUp(rows) if of_a_batch else Exists(rows)


def _undeliverable(operator: str, scope: Scope) -> Q:
    """It is always known: who isn't suppressed can be reached."""
    if operator == "is_set":
        return EVERYBODY
    unreachable = Q(_unreachable(of_a_batch=scope.ids is not None))
    return unreachable if operator == "is_true" else ~unreachable
