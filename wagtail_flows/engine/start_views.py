"""Starting a scenario by hand: from the page of a contact, of a segment, or for the contacts chosen in a listing.

Each door leads to one page, which says how many there are and what stands against it, before a button does it.
"""

from __future__ import annotations

import uuid

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import log

from wagtail_flows.contacts.models import Contact
from wagtail_flows.engine.manual_models import ManualStart
from wagtail_flows.engine.manual_starts import SEGMENT_GONE, begin, forecast, people_of, prepare, startable
from wagtail_flows.engine.starting import NotStartable
from wagtail_flows.lib.admin_bulk import ChosenRowsAction
from wagtail_flows.lib.admin_buttons import register as register_button
from wagtail_flows.lib.admin_columns import MomentColumn, label_column
from wagtail_flows.lib.admin_deletion import register_use
from wagtail_flows.lib.admin_policy import may
from wagtail_flows.lib.admin_sections import Section, register, table_section
from wagtail_flows.scenarios.models import Scenario
from wagtail_flows.segments.membership import problems_of
from wagtail_flows.segments.models import Segment


START_ACTION = "wagtail_flows.start"
LONGEST_ID = 18


def scenarios_being_started(segment: Segment) -> Iterator[Scenario]:
    """Scenarios that the people of this segment are being let into."""
    going_on = ManualStart.objects.filter(segment=segment, begun_at__isnull=False, finished_at=None)
    yield from Scenario.objects.filter(manual_starts__in=going_on).distinct()


register_use(Segment, scenarios_being_started)


def may_start(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Whoever starts must be allowed to, and to know contacts."""
    return may(user, Scenario, "start") and may(user, Contact, "view", "change")


@dataclass(frozen=True)
class Chosen:
    """Who is to come in. `row`: as it was prepared; else it is made when the button is pressed."""

    told: str
    return_url: str
    segment: Segment | None = None
    contact: Contact | None = None
    row: ManualStart | None = None

    def prepared(self, key: str, user: Any) -> ManualStart:
        """The row to begin. Raises Http404 for a key that is another's."""
        if self.row is not None:
            return self.row
        ids = [self.contact.pk] if self.contact is not None else []
        row = prepare(key=key, user=user, segment=self.segment, contact_ids=ids)
        is_other = row.begun_at is None and (row.contacts != ids or row.segment != self.segment)
        if row.started_by_id != user.pk or is_other:
            raise Http404
        return row

    def people(self) -> QuerySet[Contact]:
        if self.contact is not None:
            return Contact.objects.filter(pk=self.contact.pk)
        return people_of(self.row if self.row is not None else ManualStart(segment=self.segment))


class StartView(WagtailAdminTemplateMixin, TemplateView):
    """GET ?contact=…, ?segment=… or ?prepared=…, and &scenario=…: what would happen. POST does it."""

    template_name = "wagtail_flows/scenarios/start.html"
    page_title = _("Start a scenario")
    header_icon = "flows"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_start(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        back = {"url": self.chosen.return_url, "label": self.chosen.told}
        return [*WagtailAdminTemplateMixin.breadcrumbs_items, back, {"url": "", "label": self.get_page_title()}]

    @cached_property
    def chosen(self) -> Chosen:
        """Raises Http404."""
        asked = self.request.GET
        if "prepared" in asked:
            return self._prepared(asked["prepared"])
        if "segment" in asked:
            segment = get_object_or_404(Segment, pk=_id(asked["segment"]))
            if not may(self.request.user, Segment):
                raise PermissionDenied
            return Chosen(segment.name, reverse("flows_segments:inspect", args=[segment.pk]), segment=segment)
        contact = get_object_or_404(Contact, pk=_id(asked.get("contact", "")))
        return Chosen(str(contact), reverse("flows_contacts:inspect", args=[contact.pk]), contact=contact)

    def _prepared(self, key: str) -> Chosen:
        row = get_object_or_404(ManualStart, key=_key(key), started_by=self.request.user.pk)
        count = len(row.contacts)
        told = ngettext("%(count)s chosen contact", "%(count)s chosen contacts", count) % {"count": count}
        return Chosen(told, reverse("flows_contacts:index"), row=row)

    @cached_property
    def scenarios(self) -> list[Scenario]:
        return startable()

    @cached_property
    def scenario(self) -> Scenario | None:
        """The one asked for; the only one there is, where none is."""
        asked = self.request.GET.get("scenario", "")
        if not asked and len(self.scenarios) == 1:
            return self.scenarios[0]
        return next((one for one in self.scenarios if str(one.pk) == asked), None)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "chosen": self.chosen,
            "scenarios": self.scenarios,
            "scenario": self.scenario,
            "asked": {name: value for name, value in self.request.GET.items() if name != "scenario"},
            "forecast": forecast(self.scenario, self.chosen.people()) if self.scenario is not None else None,
            "is_broken": self.chosen.segment is not None and bool(problems_of(self.chosen.segment)),
            "key": uuid.uuid4().hex,
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.scenario is None:
            messages.error(request, NotStartable.told())
            return redirect(request.get_full_path())
        row = self.chosen.prepared(_key(request.POST.get("key", "")), request.user)
        try:
            is_new = begin(row, self.scenario)
        except NotStartable:
            messages.error(request, NotStartable.told())
            return redirect(self.chosen.return_url)
        if is_new:
            row.refresh_from_db()
            log(self.scenario, START_ACTION, user=request.user, data={"chosen": row.chosen, "looked_at": row.looked_at})
            messages.success(request, told(row, self.scenario))
        else:
            messages.warning(request, gettext("This was started already: nothing was done twice."))
        return redirect(self.chosen.return_url)


def told(row: ManualStart, scenario: Scenario) -> str:
    """What became of it so far."""
    values = {"scenario": scenario, "entered": row.entered, "count": row.looked_at}
    text = ngettext(
        "“%(scenario)s”: %(entered)s of %(count)s contact came in.",
        "“%(scenario)s”: %(entered)s of %(count)s contacts came in.",
        row.looked_at,
    )
    if row.finished_at is not None:
        return text % values
    more = gettext("The others follow, a batch at a time; the page of the scenario shows how far it is.")
    return f"{text % values} {more}"


def _id(text: str) -> int:
    """A primary key. Raises Http404."""
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_ID):
        raise Http404
    return int(text)


def _key(text: str) -> str:
    """The key of the page that was sent; a new one where it isn't one."""
    try:
        return uuid.UUID(text).hex
    except ValueError:
        return uuid.uuid4().hex


class StartScenario(ChosenRowsAction):
    """Notes who is chosen, and leads to the page that starts."""

    models = [Contact]
    listings = frozenset({"flows_contacts:index", "flows_segments:members"})
    display_name = _("Start a scenario")
    aria_label = _("Start a scenario for the selected contacts")
    action_type = "start_scenario"
    action_priority = 30
    template_name = "wagtail_flows/admin/bulk_enrollments.html"
    explanation = _("On the next page you choose the scenario and see what stands against it; nothing is started yet.")

    @classmethod
    def is_offered(cls, user: AbstractBaseUser | AnonymousUser) -> bool:
        return may_start(user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "header_icon": "flows"}

    def form_valid(self, form: Any) -> HttpResponseBase:
        ids = self.chosen_ids()
        if ids is None:
            return self.form_invalid(form)
        row = prepare(user=self.request.user, contact_ids=ids)
        return redirect(f"{reverse('flows_start')}?prepared={row.key}")


def start_button(instance: Contact | Segment, request: HttpRequest) -> Button | None:
    """Leads from the page of a contact or a segment to the page that starts."""
    if not may_start(request.user):
        return None
    kind = "contact" if isinstance(instance, Contact) else "segment"
    return Button(
        _("Start a scenario"), url=f"{reverse('flows_start')}?{kind}={instance.pk}", icon_name="flows", priority=50
    )


def starts_of(scenario: Scenario, request: HttpRequest) -> Section | None:
    """What was started by hand, and how far it is, on the scenario's page; nothing where that never was."""
    rows = scenario.manual_starts.filter(begun_at__isnull=False).select_related("started_by").order_by("-pk")
    if not rows.exists():
        return None
    return table_section(
        "starts",
        gettext("Started by hand"),
        "flows",
        "",
        columns=[
            MomentColumn("begun_at", label=_("Started at")),
            label_column("chosen", _("People"), accessor=_chosen_text),
            label_column("started_by", _("Started by")),
            Column("looked_at", label=_("Looked at")),
            Column("entered", label=_("Came in")),
            Column("state", label=_("Status"), accessor=_state_text),
        ],
        rows=rows,
    )


def _chosen_text(row: ManualStart) -> str:
    count = len(row.contacts) or row.looked_at
    return row.chosen or ngettext("%(count)s contact", "%(count)s contacts", count) % {"count": count}


def _state_text(row: ManualStart) -> str:
    if row.finished_at is None:
        return gettext("going on")
    if row.problem == SEGMENT_GONE:
        return gettext("ended: the segment was deleted")
    return gettext("ended: not published any more") if row.problem else gettext("done")


register_button(Contact, start_button)
register_button(Segment, start_button)
register(Scenario, starts_of, order=15)
