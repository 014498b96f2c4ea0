"""Filters of our listings that django-filter has no equivalent of."""

from __future__ import annotations

from typing import Any

import django_filters

from wagtail_flows.lib.languages import language_name


class LanguageFilter(django_filters.AllValuesFilter):
    """The languages that there are, by their names. Who has none can't be asked for by it."""

    @property
    def field(self) -> Any:
        found = super().field
        found.choices = [(code, language_name(code)) for code, _label in found.choices if code]
        return found
