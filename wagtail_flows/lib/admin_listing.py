"""The listing of our viewsets: the title opens the page that shows, and exports are guarded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.forms import Media
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from wagtail.admin.ui.tables import TitleColumn
from wagtail.admin.views.generic import BaseListingView, IndexView
from wagtail.admin.views.mixins import SpreadsheetExportMixin
from wagtail.log_actions import log


EXPORT_PERMISSION = "wagtail_flows.export_contact"
EXPORTED = "wagtail_flows.export"
ROWS_AT_A_TIME = 2000
STYLES = "wagtail_flows/css/admin.css"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def without_formula(value: str) -> str:
    """Text that a spreadsheet shows and doesn't compute (OWASP, CSV injection): an apostrophe stands before it."""
    return f"'{value}" if value.startswith(FORMULA_STARTS) else value


class GuardedExportMixin(SpreadsheetExportMixin):
    """Whoever exports addresses needs the permission for it, and leaves an entry in the log."""

    custom_value_preprocess = {
        **SpreadsheetExportMixin.custom_value_preprocess,
        str: {SpreadsheetExportMixin.FORMAT_CSV: without_formula},
    }

    @cached_property
    def show_export_buttons(self) -> bool:
        return bool(self.list_export) and self.request.user.has_perm(EXPORT_PERMISSION)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.is_export:
            return super().get(request, *args, **kwargs)
        if not self.show_export_buttons:
            raise PermissionDenied
        rows = self.get_queryset()
        self.log_export(rows)
        return self.as_spreadsheet(rows, request.GET["export"])

    def to_row_dict(self, item: Any) -> dict[str, Any]:
        """Choices as people read them, not as they are stored."""
        row: dict[str, Any] = super().to_row_dict(item)
        return {name: _shown(item, name, value) for name, value in row.items()}

    def log_export(self, rows: QuerySet[Model]) -> None:
        asked = {name: values for name, values in self.request.GET.lists() if name != "export"}
        log(
            instance=ContentType.objects.get_for_model(self.model),
            action=EXPORTED,
            user=self.request.user,
            title=str(self.model._meta.verbose_name_plural),
            data={"format": self.request.GET["export"], "rows": rows.count(), "filters": asked},
        )

    def stream_csv(self, queryset: QuerySet[Model]) -> Iterator[bytes]:
        return super().stream_csv(_Streamed(queryset))

    def write_xlsx(self, queryset: QuerySet[Model], output: Any) -> None:
        super().write_xlsx(_Streamed(queryset), output)


def _shown(item: Any, name: str, value: Any) -> Any:
    display = getattr(item, f"get_{name}_display", None)
    return str(display()) if callable(display) else value


class _Streamed:
    """A queryset read in portions, so that an export of a million rows fits into memory."""

    def __init__(self, queryset: QuerySet[Model]) -> None:
        self.queryset = queryset
        self.model = queryset.model

    def __iter__(self) -> Iterator[Model]:
        return self.queryset.iterator(chunk_size=ROWS_AT_A_TIME)


class TitleShowsMixin(BaseListingView):
    """The title leads to the page that shows; editing is one click further."""

    def get_title_url(self, instance: Model) -> str | None:
        return self.get_inspect_url(instance) or self.get_edit_url(instance)

    def _get_title_column(self, field_name: str, column_class: type = TitleColumn, **kwargs: Any) -> TitleColumn:
        column_class = self._get_title_column_class(column_class)
        return self._get_custom_column(field_name, column_class, get_url=self.get_title_url, **kwargs)


class OurListingMixin(TitleShowsMixin):
    """What our listings look like. `empty_text` says what will stand here and how it gets here."""

    results_template_name = "wagtail_flows/admin/index_results.html"
    table_classname = "listing flows-listing"
    empty_text: str | Promise = ""

    @cached_property
    def add_item_label(self) -> str:
        """Short, so that the title keeps its place on a phone."""
        return _("Add")

    @cached_property
    def no_results_message(self) -> str:
        if self.is_searching or self.is_filtering or not self.empty_text:
            return super().no_results_message
        return str(self.empty_text)

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(*args, **kwargs)
        context["media"] += Media(css={"all": [STYLES]})
        return context


class FlowsIndexView(OurListingMixin, GuardedExportMixin, IndexView):
    """The listing of a kind of thing."""

    def get_list_more_buttons(self, instance: Model) -> list[Any]:
        buttons = super().get_list_more_buttons(instance)
        for button in buttons:
            if button.url == self.get_inspect_url(instance):
                button.label = _("View")
        return buttons
