"""Pages about the people of one segment: who is in, why one is or isn't, and putting many in from a file."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import BaseObjectMixin, WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.log_actions import log

from wagtail_flows.contacts.address import InvalidAddress, normalise
from wagtail_flows.contacts.models import Contact
from wagtail_flows.contacts.viewsets import ContactIndexView
from wagtail_flows.lib.admin_policy import ANY, may, policy_for
from wagtail_flows.segments.address_file import LARGEST_FILE, FileUnreadable, Row, read
from wagtail_flows.segments.admin_forms import NOBODY_ASKED, AddressFileForm, AddressForm, located
from wagtail_flows.segments.compiling import Scope
from wagtail_flows.segments.explaining import ExplainedLine, line_of
from wagtail_flows.segments.importing import Imported, import_rows
from wagtail_flows.segments.membership import explain, problems_of, who
from wagtail_flows.segments.models import Segment
from wagtail_flows.segments.references import Named


ROWS_TOLD = 200


def may_see_people(request: HttpRequest) -> bool:
    return may(request.user, Contact, "view", "change")


class MembersView(ContactIndexView):
    """The listing of contacts, of one segment only: with the same columns, filters, search and export."""

    members_url_name = ""
    members_results_url_name = ""
    inspect_segment_url_name = ""
    empty_text = _("Nobody is in this segment now.")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may(request.user, Segment):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def permission_policy(self) -> Any:
        return policy_for(Contact)

    @cached_property
    def segment(self) -> Segment:
        return get_object_or_404(Segment, pk=self.kwargs["pk"])

    @cached_property
    def no_results_message(self) -> str:
        problems = [located(problem) for problem in problems_of(self.segment)]
        return " ".join([str(NOBODY_ASKED), *problems]) if problems else super().no_results_message

    def get_base_queryset(self) -> QuerySet[Contact]:
        contacts: QuerySet[Contact] = super().get_base_queryset()
        return contacts.filter(who(self.segment, Scope()))

    def get_add_url(self) -> None:
        return None

    def get_index_url(self) -> str:
        return reverse(self.members_url_name, args=[self.segment.pk])

    def get_index_results_url(self) -> str:
        return reverse(self.members_results_url_name, args=[self.segment.pk])

    def get_page_title(self) -> str:
        return gettext("People in “%(segment)s”") % {"segment": self.segment}

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*trail(self.segment), {"url": "", "label": gettext("People")}]


def trail(segment: Segment) -> list[dict[str, Any]]:
    """The way to the page of a segment."""
    return [
        *WagtailAdminTemplateMixin.breadcrumbs_items,
        {"url": reverse("flows_segments:index"), "label": capfirst(Segment._meta.verbose_name_plural)},
        {"url": reverse("flows_segments:inspect", args=[segment.pk]), "label": str(segment)},
    ]


class SegmentPageView(PermissionCheckedMixin, BaseObjectMixin, WagtailAdminTemplateMixin, TemplateView):
    """A page below that of a segment, for who may see contacts."""

    model: type[Segment] = Segment
    any_permission_required: tuple[str, ...] | None = ANY

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_see_people(request):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*trail(self.object), {"url": "", "label": self.get_page_title()}]


class ExplainView(SegmentPageView):
    """GET ?address=…: why that contact is in the segment, or isn't."""

    template_name = "wagtail_flows/segments/explain.html"
    page_title = _("Why is somebody in?")
    header_icon = "help"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        is_asked = "address" in self.request.GET
        form = AddressForm(self.request.GET if is_asked else None)
        contact = self.contact(form) if is_asked and form.is_valid() else None
        problems = [located(problem) for problem in problems_of(self.object)]
        line = self.line(contact) if contact and not problems else None
        return {**context, "object": self.object, "form": form, "contact": contact, "line": line, "problems": problems}

    def contact(self, form: Form) -> Contact | None:
        try:
            found = Contact.objects.filter(key=normalise(form.cleaned_data["address"])).first()
        except InvalidAddress:
            found = None
        if found is None:
            form.add_error("address", gettext("There is no contact with this address."))
        return found

    def line(self, contact: Contact) -> ExplainedLine:
        explained = explain(self.object, contact)
        if self.object.kind == Segment.Kind.STATIC:
            told = gettext("Put in by hand") if explained.held else gettext("Not put in by hand")
            return ExplainedLine(told, explained.held)
        fields = {name: field for name, (field, _source) in Scope().answers.items()}
        return line_of(explained, fields, Named(self.object.rule))


class ImportView(SegmentPageView):
    """Put the contacts of a file in; POST answers with what became of its rows."""

    template_name = "wagtail_flows/segments/import.html"
    page_title = _("Add from a file")
    header_icon = "upload"
    permission_required = "change"
    any_permission_required = None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {"form": AddressFileForm(), "imported": None, **super().get_context_data(**kwargs)}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.refuse_rule()
        return super().get(request, *args, **kwargs)

    def refuse_rule(self) -> None:
        if self.object.kind != Segment.Kind.STATIC:
            raise PermissionDenied(gettext("This segment asks a rule: nobody can be put into it by hand."))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.refuse_rule()
        form = AddressFileForm(request.POST, request.FILES)
        rows = self.rows(form) if form.is_valid() else []
        if form.errors:
            return self.answer(422, form=form)
        imported = import_rows(self.object, rows)
        log(self.object, "wagtail_flows.add_members", user=request.user, data={"added": imported.added})
        return self.answer(200, form=AddressFileForm(), imported=imported, **told(imported))

    def rows(self, form: Form) -> list[Row]:
        file = form.cleaned_data["file"]
        try:
            # One byte more than allowed is enough to know that it is too large.
            return read(file.read(LARGEST_FILE + 1))
        except FileUnreadable as unreadable:
            form.add_error("file", str(unreadable))
            return []

    def answer(self, status: int, **context: Any) -> TemplateResponse:
        return TemplateResponse(self.request, self.template_name, {**self.get_context_data(), **context}, status=status)


def told(imported: Imported) -> dict[str, Any]:
    """The rows to show: the first of each kind."""
    return {
        "unknown": imported.unknown[:ROWS_TOLD],
        "unreadable": imported.unreadable[:ROWS_TOLD],
        "rows_told": ROWS_TOLD,
    }
