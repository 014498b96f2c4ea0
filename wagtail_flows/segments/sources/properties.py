"""Fields of the properties that the site's owner defined."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from wagtail_flows.contacts.models import ContactProperty, Property
from wagtail_flows.segments import comparing
from wagtail_flows.segments.compiling import Scope
from wagtail_flows.segments.fields import Field
from wagtail_flows.segments.operators import FieldType
from wagtail_flows.segments.rules import Clause
from wagtail_flows.segments.semijoins import has_row


GROUP = _("Properties")
PREFIX = "property."

TYPES = {
    Property.Type.TEXT: FieldType.TEXT,
    Property.Type.NUMBER: FieldType.NUMBER,
    Property.Type.BOOLEAN: FieldType.BOOLEAN,
    Property.Type.DATE: FieldType.DATE,
}


@dataclass(frozen=True, slots=True)
class PropertyField(Field):
    """With the id of the property: a planner that sees it knows how common its values are; one that must look it up by
    name guesses.
    """

    property_id: int = 0


class PropertySource:
    def fields(self) -> Iterable[Field]:
        for pk, name, label, kind in Property.objects.values_list("pk", "name", "label", "type"):
            yield PropertyField(PREFIX + name, label, GROUP, TYPES[Property.Type(kind)], property_id=pk)

    def q(self, clause: Clause, scope: Scope) -> Q:
        rows = _rows(clause, scope)
        return has_row(rows.filter(_condition(clause, scope.field(clause.field).type, scope)))

    def hangs_on(self, clause: Clause, scope: Scope) -> Hashable:
        field = _property_field(clause, scope)
        return field.property_id, field.type

    def seen(self, clause: Clause, contact_ids: Sequence[int], scope: Scope) -> Mapping[int, Any]:
        rows = _rows(clause, scope).filter(contact_id__in=contact_ids).select_related("property")
        return {row.contact_id: row.value for row in rows}


def _rows(clause: Clause, scope: Scope) -> QuerySet[ContactProperty]:
    return ContactProperty.objects.filter(property_id=_property_field(clause, scope).property_id)


def _property_field(clause: Clause, scope: Scope) -> PropertyField:
    field = scope.field(clause.field)
    if not isinstance(field, PropertyField):
        raise LookupError(clause.field)
    return field


def _condition(clause: Clause, field_type: FieldType, scope: Scope) -> Q:
    match field_type:
        case FieldType.NUMBER:
            return comparing.number(clause.operator, clause.value, "number")
        case FieldType.BOOLEAN:
            return comparing.boolean(clause, "boolean")
        case FieldType.DATE:
            return comparing.calendar_date(clause, "date", scope)
    return comparing.text(clause, "text_folded")
