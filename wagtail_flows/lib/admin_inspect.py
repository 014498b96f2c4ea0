"""The page that shows one thing: banners, facts, actions, sections."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Field, Model
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise, cached_property
from django.utils.html import format_html
from django.utils.translation import gettext as _
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.admin.ui.components import Component, MediaContainer
from wagtail.admin.views.generic import InspectView
from wagtail.admin.widgets.button import Button, HeaderButton

from wagtail_flows.lib.admin_actions import Action
from wagtail_flows.lib.admin_buttons import buttons_for
from wagtail_flows.lib.admin_sections import Section, sections_for
from wagtail_flows.lib.languages import language_name


NOTHING = "–"


@dataclass(frozen=True)
class Banner:
    """A sentence above everything else. `level` is info, warning or critical."""

    text: str | Promise
    level: str = "info"


class FlowsInspectView(InspectView):
    """Shows `fields`, then sections; `get_actions` are forms that POST, as far as the visitor may use them."""

    template_name = "wagtail_flows/admin/inspect.html"
    page_title = ""

    def get_banners(self) -> list[Banner]:
        return []

    def get_actions(self) -> list[Action]:
        return []

    def get_own_sections(self) -> list[Section]:
        return []

    def get_page_title(self) -> str:
        return str(self.model._meta.verbose_name).capitalize()

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        *parents, last = super().get_breadcrumbs_items()
        edit_url = self.get_edit_url()
        return [*(item for item in parents if item["url"] != edit_url), {"url": "", "label": last["sublabel"]}]

    @cached_property
    def header_buttons(self) -> list[Button]:
        edit_url = self.get_edit_url()
        return [HeaderButton(_("Edit"), url=edit_url, icon_name="edit")] if edit_url else []

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        edit_url = self.get_edit_url()
        own = [button for button in super().header_more_buttons if button.url != edit_url]
        return [*own, *buttons_for(self.object, self.request)]

    @cached_property
    def finder(self) -> AdminURLFinder:
        return AdminURLFinder(self.request.user)

    def get_field_display_value(self, field_name: str, field: Field[Any, Any] | None) -> Any:
        value = super().get_field_display_value(field_name, field)
        return self.in_words(language_name(value) if field_name == "locale" and isinstance(value, str) else value)

    def in_words(self, value: Any) -> Any:
        """A value as people read it: a dash for nothing, yes or no, local time, a link to another thing's page."""
        if value is None or value == "":
            return NOTHING
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, datetime):
            return date_format(timezone.localtime(value), "DATETIME_FORMAT")
        if isinstance(value, Model):
            return self.linked(value)
        return value

    def linked(self, target: Model) -> str:
        url = self.finder.get_edit_url(target)
        return format_html('<a href="{}">{}</a>', url, target) if url else str(target)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        sections = [*self.get_own_sections(), *sections_for(self.object, self.request)]
        bodies: list[Component] = [section.body for section in sections if section.body]
        context.update(banners=self.get_banners(), actions=self.get_actions(), sections=sections)
        context["media"] = MediaContainer(bodies).media
        return context
