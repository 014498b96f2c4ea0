"""Fields of the properties that the site's owner defined."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from wagtail_flows.contacts.models import ContactProperty, Property
from wagtail_flows.segments import comparing
from wagtail_flows.segments.compiling import Scope
from wagtail_flows.segments.fields import Field
from wagtail_flows.segments.operators import FieldType
from wagtail_flows.segments.rules import Clause


GROUP = _("Properties")
PREFIX = "property."

TYPES = {
    Property.Type.TEXT: FieldType.TEXT,
    Property.Type.NUMBER: FieldType.NUMBER,
    Property.Type.BOOLEAN: FieldType.BOOLEAN,
    Property.Type.DATE: FieldType.DATE,
}


class PropertySource:
    def fields(self) -> Iterable[Field]:
        for known in Property.objects.all():
            yield Field(PREFIX + known.name, known.label, GROUP, TYPES[Property.Type(known.type)])

    def q(self, clause: Clause, scope: Scope) -> Q:
        name = clause.field.removeprefix(PREFIX)
        field_type = scope.field(clause.field).type
        rows = ContactProperty.objects.filter(contact_id=OuterRef("pk"), property__name=name)
        return Q(Exists(rows.filter(_condition(clause, field_type, scope))))

    def seen(self, clause: Clause, contact_ids: Sequence[int], scope: Scope) -> Mapping[int, Any]:
        name = clause.field.removeprefix(PREFIX)
        rows = ContactProperty.objects.filter(contact_id__in=contact_ids, property__name=name).select_related(
            "property"
        )
        return {row.contact_id: row.value for row in rows}


def _condition(clause: Clause, field_type: FieldType, scope: Scope) -> Q:
    match field_type:
        case FieldType.NUMBER:
            return comparing.number(clause.operator, clause.value, "number")
        case FieldType.BOOLEAN:
            return comparing.boolean(clause, "boolean")
        case FieldType.DATE:
            return comparing.calendar_date(clause, "date", scope)
    return comparing.text(clause, "text_folded")
