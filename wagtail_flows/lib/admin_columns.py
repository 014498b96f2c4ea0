"""Columns of our listings that Wagtail has no equivalent of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.admin.ui.tables import Column


Viewer = AbstractBaseUser | AnonymousUser

GOOD = "good"
BUSY = "busy"
WARNING = "warning"
BAD = "bad"
QUIET = "quiet"


class StatusColumn(Column):
    """A tag whose colour says whether it is good news: `tones` maps the raw status to a tone, unknown is quiet."""

    cell_template_name = "wagtail_flows/admin/cells/status.html"

    class Media:
        css = {"all": ["wagtail_flows/css/admin.css"]}

    def __init__(self, name: str, tones: Mapping[Any, str], **kwargs: Any) -> None:
        kwargs.setdefault("accessor", f"get_{name}_display")
        super().__init__(name, **kwargs)
        self.tones = tones

    def get_cell_context_data(self, instance: Any, parent_context: Any) -> dict[str, Any]:
        context = super().get_cell_context_data(instance, parent_context)
        return {**context, "tone": self.tones.get(getattr(instance, self.name), QUIET)}


class LinkColumn(Column):
    """The text of what `accessor` names, linked to its page in the admin where `user` may open it."""

    cell_template_name = "wagtail_flows/admin/cells/link.html"

    def __init__(self, name: str, user: Viewer, get_text: Callable[[Any], str] = str, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self.finder = AdminURLFinder(user)
        self.get_text = get_text

    def get_cell_context_data(self, instance: Any, parent_context: Any) -> dict[str, Any]:
        context = super().get_cell_context_data(instance, parent_context)
        target = self.get_value(instance)
        if target is None:
            return {**context, "value": "", "url": None}
        return {**context, "value": self.get_text(target), "url": self.finder.get_edit_url(target)}


class MomentColumn(Column):
    """A date with its time of day, in the visitor's zone: evidence isn't told as "three weeks ago"."""

    def get_value(self, instance: Any) -> str:
        value = super().get_value(instance)
        return date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT") if value else ""


def label_column(name: str, label: str | Promise, **kwargs: Any) -> Column:
    """A plain column whose empty values show as a dash."""
    column = Column(name, label=label, **kwargs)
    column.empty_value_display = "–"
    return column
