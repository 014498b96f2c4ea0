"""The admin of enrollments: who is inside which scenario, where, until when, and what happened on the way."""

from __future__ import annotations

import json

from collections.abc import Iterator
from typing import Any

import django_filters

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn

from wagtail_flows.contacts.models import Contact
from wagtail_flows.engine.hand_views import SkipWaitView, TakeOutView, TryAgainView
from wagtail_flows.engine.listening import OPEN
from wagtail_flows.engine.models import Enrollment, Visit
from wagtail_flows.engine.winner_section import winners_of
from wagtail_flows.engine.words import exit_reason_text, kind_text, outcome_text, outlet_text, refusal_text
from wagtail_flows.lib import clock
from wagtail_flows.lib.admin_actions import Action
from wagtail_flows.lib.admin_bulk import BulkListingMixin
from wagtail_flows.lib.admin_columns import BAD, BUSY, QUIET, LinkColumn, MomentColumn, StatusColumn, label_column
from wagtail_flows.lib.admin_inspect import Banner, FlowsInspectView
from wagtail_flows.lib.admin_listing import FlowsIndexView
from wagtail_flows.lib.admin_policy import may
from wagtail_flows.lib.admin_sections import Section, register, table_section
from wagtail_flows.lib.admin_viewsets import ReadOnlyViewSet
from wagtail_flows.messages.mail_counts import mail_counts
from wagtail_flows.messages.models import Delivery
from wagtail_flows.scenarios.models import Scenario


TONES = {
    Enrollment.Status.ACTIVE: BUSY,
    Enrollment.Status.ENDED: QUIET,
    Enrollment.Status.PARKED: BAD,
}


class EnrollmentFilterSet(WagtailFilterSet):
    step = django_filters.CharFilter(label=_("Step"))
    error = django_filters.CharFilter(lookup_expr="startswith", label=_("Error begins with"))

    class Meta:
        model = Enrollment
        fields = ("scenario", "status")


class EnrollmentIndexView(BulkListingMixin, FlowsIndexView):
    bulk_type = "ENROLLMENT"
    default_ordering = "-entered_at"
    empty_text = _("Who enters a scenario stands here, with the step they are at and when it goes on.")

    def get_base_queryset(self) -> QuerySet[Enrollment]:
        return Enrollment.objects.select_related("contact", "scenario", "version").defer("data", "error")

    @cached_property
    def columns(self) -> list[Column]:
        return [
            *self.checkbox_columns(),
            self._get_title_column("contact"),
            LinkColumn("scenario", self.request.user, label=_("Scenario")),
            StatusColumn("status", TONES, label=_("Status"), sort_key="status"),
            label_column("step", _("Step"), sort_key="step"),
            MomentColumn("due_at", label=_("Goes on at"), sort_key="due_at"),
            DateColumn("entered_at", label=_("Entered"), sort_key="entered_at"),
            DateColumn("ended_at", label=_("Left"), sort_key="ended_at"),
        ]

    def to_row_dict(self, item: Enrollment) -> dict[str, Any]:
        return {**super().to_row_dict(item), "exit_reason": exit_reason_text(item)}


class EnrollmentInspectView(FlowsInspectView):
    again_url_name = ""
    out_url_name = ""
    skip_url_name = ""

    def get_actions(self) -> list[Action]:
        if self.object.status not in OPEN or not self.user_has_permission("change"):
            return []
        out = self._url(self.out_url_name)
        told = _("This contact leaves the scenario, and what was queued isn't sent any more.")
        return [*self._ways_on(), Action(_("Take out"), out, told, is_serious=True)]

    def _ways_on(self) -> Iterator[Action]:
        if self.object.status == Enrollment.Status.PARKED:
            told = _("It goes on from the step where it stands, once what was wrong is mended.")
            yield Action(_("Try again"), self._url(self.again_url_name), told)
        elif self.object.due_at and self.object.due_at > clock.now() and not self.object.attempts:
            told = _("It goes on now, as if the time were over.")
            yield Action(_("Skip the wait"), self._url(self.skip_url_name), told)

    def _url(self, name: str) -> str:
        return reverse(name, args=[self.object.pk])

    def get_banners(self) -> list[Banner]:
        if self.object.status != Enrollment.Status.PARKED:
            return []
        told = gettext(
            "This contact doesn't go on until somebody has looked. Mend what the error tells, then let it try again, "
            "or take the contact out."
        )
        return [Banner(f"{told} {self.object.error}".strip(), "critical")]

    def get_exit_reason_display_value(self) -> str:
        return exit_reason_text(self.object)

    def get_version_display_value(self) -> int:
        return self.object.version.number

    def get_own_sections(self) -> list[Section]:
        return [visits_section(self.object)]


def visits_section(enrollment: Enrollment) -> Section:
    """Step by step, with the values seen: why did, or didn't, this person get it."""
    return table_section(
        "visits",
        gettext("What happened"),
        "history",
        gettext("Older than what is kept.")
        if enrollment.status == Enrollment.Status.ENDED
        else gettext("No step is finished yet."),
        columns=[
            Column("step", label=_("Step")),
            Column("kind", label=_("Kind"), accessor=kind_text),
            MomentColumn("entered_at", label=_("Entered")),
            MomentColumn("left_at", label=_("Left")),
            label_column("outcome", _("Decided"), accessor=outcome_text),
            label_column("outlet", _("Outlet"), accessor=outlet_text),
            Column("seen", label=_("Seen"), accessor=seen_text),
        ],
        rows=enrollment.visits.order_by("number"),
    )


def seen_text(visit: Visit) -> str:
    return json.dumps(visit.seen, ensure_ascii=False) if visit.seen else ""


class EnrollmentViewSet(ReadOnlyViewSet):
    model = Enrollment
    slug = "enrollments"
    offered_permissions = ("view", "change")
    icon = "flows-enrollment"
    index_view_class = EnrollmentIndexView
    inspect_view_class = EnrollmentInspectView
    filterset_class = EnrollmentFilterSet
    search_fields = ("contact__address",)
    list_export = (
        "contact.address",
        "scenario.name",
        "version.number",
        "status",
        "step",
        "entered_at",
        "due_at",
        "ended_at",
        "exit_reason",
    )
    export_headings = {"contact.address": _("Contact"), "scenario.name": _("Scenario"), "version.number": _("Version")}
    export_filename = "enrollments"
    inspect_view_fields = (
        "contact",
        "scenario",
        "version",
        "status",
        "step",
        "due_at",
        "entered_at",
        "ended_at",
        "exit_reason",
        "error",
    )

    def get_inspect_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        names = {f"{name}_url_name": self.get_url_name(name) for name in ("again", "out", "skip")}
        return super().get_inspect_view_kwargs(**names, **kwargs)

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("again/<int:pk>/", self.action(TryAgainView), name="again"),
            path("out/<int:pk>/", self.action(TakeOutView), name="out"),
            path("skip/<int:pk>/", self.action(SkipWaitView), name="skip"),
        ]


def enrollments_of(contact: Contact, request: HttpRequest) -> Section | None:
    """Which scenarios a contact is or was inside, on the contact's page."""
    if not may(request.user, Enrollment):
        return None
    return table_section(
        "enrollments",
        gettext("Scenarios"),
        "flows",
        gettext("This contact never entered a scenario."),
        columns=[
            LinkColumn("enrollment", request.user, _scenario, label=_("Scenario"), accessor=lambda row: row),
            StatusColumn("status", TONES, label=_("Status")),
            label_column("step", _("Step")),
            MomentColumn("due_at", label=_("Goes on at")),
            MomentColumn("entered_at", label=_("Entered")),
            MomentColumn("ended_at", label=_("Left")),
            label_column("exit_reason", _("Exit reason"), accessor=exit_reason_text),
        ],
        rows=contact.enrollments.select_related("scenario", "contact").order_by("-entered_at", "-id"),
    )


def refused_to(contact: Contact, request: HttpRequest) -> Section | None:
    """Which scenarios a contact didn't come into, and why, on the contact's page; nothing where that never was."""
    rows = contact.refused_entries.select_related("scenario").order_by("-refused_at", "-id")
    if not may(request.user, Enrollment) or not rows.exists():
        return None
    return table_section(
        "refused",
        gettext("Didn't come in"),
        "flows",
        "",
        columns=[
            Column("scenario", label=_("Scenario")),
            Column("reason", label=_("Reason"), accessor=refusal_text),
            MomentColumn("refused_at", label=_("Refused at")),
        ],
        rows=rows,
    )


def _scenario(enrollment: Enrollment) -> str:
    return str(enrollment.scenario)


def people_inside(scenario: Scenario, request: HttpRequest) -> Section | None:
    """Who is inside a scenario, those who go on first at the top, on the scenario's page."""
    if not may(request.user, Enrollment):
        return None
    return table_section(
        "inside",
        gettext("Inside now"),
        "flows-enrollment",
        gettext("Nobody is inside."),
        columns=[
            LinkColumn("enrollment", request.user, _contact, label=_("Contact"), accessor=lambda row: row),
            StatusColumn("status", TONES, label=_("Status")),
            label_column("step", _("Step")),
            MomentColumn("due_at", label=_("Goes on at")),
            MomentColumn("entered_at", label=_("Entered")),
        ],
        rows=scenario.enrollments.inside().select_related("contact").order_by("due_at", "id"),
        more_url=f"{reverse('flows_enrollments:index')}?scenario={scenario.pk}",
    )


def _contact(enrollment: Enrollment) -> str:
    return str(enrollment.contact)


def mail_of(scenario: Scenario, request: HttpRequest) -> Section | None:
    """How many e-mails of a scenario stand where, on the scenario's page."""
    return mail_counts(
        Delivery.objects.filter(visit__enrollment__scenario=scenario), request, {"scenario": scenario.pk}
    )


register(Contact, enrollments_of, order=30)
register(Contact, refused_to, order=31)
register(Scenario, mail_of, order=20)
register(Scenario, winners_of, order=15)
register(Scenario, people_inside, order=10)
