"""Sentences about one comparison, whole, so that translators can turn them around."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from wagtail_flows.segments.operators import FieldType


_CALENDAR = {
    "on": _("%(field)s: on %(value)s"),
    "before": _("%(field)s: before %(value)s"),
    "after": _("%(field)s: after %(value)s"),
    "between": _("%(field)s: from %(low)s to %(high)s"),
}

_NUMBER = {
    "equals": _("%(field)s is %(value)s"),
    "not_equals": _("%(field)s is not %(value)s"),
    "more_than": _("%(field)s is more than %(value)s"),
    "at_least": _("%(field)s is at least %(value)s"),
    "less_than": _("%(field)s is less than %(value)s"),
    "at_most": _("%(field)s is at most %(value)s"),
    "between": _("%(field)s is between %(low)s and %(high)s"),
}

_CHOICE = {
    "is": _("%(field)s is %(value)s"),
    "is_not": _("%(field)s is not %(value)s"),
    "is_one_of": _("%(field)s is one of %(value)s"),
    "is_none_of": _("%(field)s is none of %(value)s"),
}

KNOWN = {"is_set": _("%(field)s is known"), "is_not_set": _("%(field)s is not known")}

# Without a value, or with values that stand in the place of %(value)s, or %(low)s and %(high)s.
PHRASES: dict[FieldType, dict[str, Any]] = {
    FieldType.TEXT: {
        **_CHOICE,
        **KNOWN,
        "contains": _("%(field)s contains %(value)s"),
        "not_contains": _("%(field)s does not contain %(value)s"),
        "starts_with": _("%(field)s starts with %(value)s"),
        "ends_with": _("%(field)s ends with %(value)s"),
    },
    FieldType.NUMBER: {**_NUMBER, **KNOWN},
    FieldType.BOOLEAN: {"is_true": _("%(field)s: yes"), "is_false": _("%(field)s: no"), **KNOWN},
    FieldType.DATE: {
        **_CALENDAR,
        **KNOWN,
        "month_is": _("%(field)s: in %(value)s"),
        "month_is_this": _("%(field)s: in the current month, of any year"),
    },
    FieldType.MOMENT: {**_CALENDAR, **KNOWN},
    FieldType.CHOICE: {**_CHOICE, **KNOWN},
    FieldType.COUNT: {
        "at_least_once": _("%(field)s: at least once"),
        "never": _("%(field)s: never"),
        "equals": _("%(field)s: exactly %(value)s"),
        "more_than": _("%(field)s: more than %(value)s"),
        "at_least": _("%(field)s: at least %(value)s"),
        "less_than": _("%(field)s: less than %(value)s"),
        "at_most": _("%(field)s: at most %(value)s"),
        "between": _("%(field)s: %(low)s to %(high)s"),
    },
    FieldType.MEMBERSHIP: {"in_any_of": _("%(field)s: %(value)s"), "in_none_of": _("%(field)s: not %(value)s")},
}

# With a number of days, which decides the plural.
DAYS: dict[str, Any] = {
    "in_last_days": ngettext_lazy(
        "%(field)s: in the last %(days)s day", "%(field)s: in the last %(days)s days", "count"
    ),
    "not_in_last_days": ngettext_lazy(
        "%(field)s: not in the last %(days)s day", "%(field)s: not in the last %(days)s days", "count"
    ),
    "in_next_days": ngettext_lazy(
        "%(field)s: in the next %(days)s day", "%(field)s: in the next %(days)s days", "count"
    ),
    "more_than_days_ago": ngettext_lazy(
        "%(field)s: more than %(days)s day ago", "%(field)s: more than %(days)s days ago", "count"
    ),
    "anniversary_in_next_days": ngettext_lazy(
        "%(field)s: comes round within %(days)s day",
        "%(field)s: comes round within %(days)s days",
        "count",
    ),
}

WITHIN = ngettext_lazy("in the last %(days)s day", "in the last %(days)s days", "count")
OPTION = _("%(option)s: %(value)s")
OPTION_DAYS = ngettext_lazy("%(option)s: %(days)s day", "%(option)s: %(days)s days", "count")

CONDITIONS: dict[str, Any] = {
    "is": _("%(field)s is %(value)s"),
    "is_not": _("%(field)s is not %(value)s"),
    "contains": _("%(field)s contains %(value)s"),
    "more_than": _("%(field)s is more than %(value)s"),
    "at_least": _("%(field)s is at least %(value)s"),
    "less_than": _("%(field)s is less than %(value)s"),
    "at_most": _("%(field)s is at most %(value)s"),
}
