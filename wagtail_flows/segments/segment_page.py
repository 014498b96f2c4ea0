"""The page of one segment: who it asks for, how many that were, what uses it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from wagtail.admin.ui.components import Component
from wagtail.admin.ui.tables import Column, Table, TitleColumn
from wagtail.admin.widgets.button import Button, HeaderButton

from wagtail_flows.contacts.address import InvalidAddress, normalise
from wagtail_flows.contacts.models import Contact
from wagtail_flows.exceptions import FlowsError
from wagtail_flows.lib import clock
from wagtail_flows.lib.admin_actions import Action, ActionView
from wagtail_flows.lib.admin_deletion import uses_of
from wagtail_flows.lib.admin_inspect import NOTHING, Banner, FlowsInspectView
from wagtail_flows.lib.admin_policy import may
from wagtail_flows.lib.admin_sections import Section
from wagtail_flows.segments.admin_forms import NOBODY_ASKED, AddressForm, located
from wagtail_flows.segments.compiling import Scope
from wagtail_flows.segments.growth import chart_of
from wagtail_flows.segments.membership import problems_of, rule_of
from wagtail_flows.segments.models import Segment
from wagtail_flows.segments.references import Named
from wagtail_flows.segments.rules import RuleInvalid
from wagtail_flows.segments.static import add_members, remove_members
from wagtail_flows.segments.wording import Line, outline, sentence


class NoSuchContact(FlowsError):
    """There is no contact with this address; add the contact first."""

    def __str__(self) -> str:
        return _("There is no contact with this address.")


def count_in_words(segment: Segment) -> str:
    """“1,234 (2 hours ago)”; a dash where counting failed."""
    if segment.count is None:
        return _("being counted") if segment.counted_at is None else NOTHING
    count = number_format(segment.count, force_grouping=True)
    if segment.counted_at is None:
        return _("%(count)s (being counted anew)") % {"count": count}
    if clock.now() - segment.counted_at < timedelta(minutes=1):
        return _("%(count)s (just now)") % {"count": count}
    age = timesince(segment.counted_at, clock.now(), depth=1)
    return _("%(count)s (%(age)s ago)") % {"count": count, "age": age}


class RuleInWords(Component):
    """The rule as a sentence and as a nested list."""

    class Media:
        css = {"all": ["wagtail_flows/css/segments.css"]}

    template_name = "wagtail_flows/segments/rule_in_words.html"

    def __init__(self, told: str, line: Line) -> None:
        self.told, self.line = told, line

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        return {"sentence": self.told, "line": self.line}


def rule_section(segment: Segment) -> Section | None:
    if segment.kind == Segment.Kind.STATIC:
        return None
    scope = Scope()
    fields = {name: field for name, (field, _source) in scope.answers.items()}
    named = Named(segment.rule)
    try:
        rule = rule_of(segment, scope)
    except RuleInvalid:
        return Section("rule", _("Who"), "flows-segment", _("This rule can't be asked. Edit it to repair it."))
    body = RuleInWords(sentence(rule, fields, named), outline(rule, fields, named))
    return Section("rule", _("Who"), "flows-segment", "", body)


def growth_section(segment: Segment) -> Section:
    empty = _("The segment is counted once a day. The chart begins with the second day.")
    return Section("growth", _("Growth"), "history", empty, chart_of(segment))


def usage_section(segment: Segment, request: HttpRequest) -> Section:
    """Where it is used, and which of these ask for nobody because they can't be asked."""
    uses = uses_of(segment, request)
    columns = [
        TitleColumn("label", label=_("Name"), get_url=lambda use: use.url),
        Column("kind", label=_("Kind")),
    ]
    body = Table(columns, uses, classname="listing flows-table") if uses else None
    return Section("usage", _("Used by"), "link", _("Nothing uses this segment yet."), body)


class SegmentInspectView(FlowsInspectView):
    members_url_name = ""
    explain_url_name = ""
    import_url_name = ""
    put_url_name = ""
    take_url_name = ""

    def get_banners(self) -> list[Banner]:
        problems = problems_of(self.object)
        if not problems:
            return []
        return [
            Banner(NOBODY_ASKED, "critical"),
            *(Banner(located(problem), "warning") for problem in problems),
        ]

    def get_field_label(self, field_name: str, field: object) -> str:
        # Programs start a scenario for a segment by it.
        return _("Identifier") if field_name == "public_id" else super().get_field_label(field_name, field)

    def get_count_display_value(self) -> str:
        return count_in_words(self.object)

    def get_own_sections(self) -> list[Section]:
        sections = [rule_section(self.object), growth_section(self.object), usage_section(self.object, self.request)]
        return [section for section in sections if section]

    @cached_property
    def may_see_people(self) -> bool:
        return may(self.request.user, Contact, "view", "change")

    @property
    def is_static(self) -> bool:
        return bool(self.object.kind == Segment.Kind.STATIC)

    @cached_property
    def header_buttons(self) -> list[Button]:
        buttons = list(super().header_buttons)
        if self.may_see_people:
            url = reverse(self.members_url_name, args=[self.object.pk])
            buttons.append(HeaderButton(_("People"), url=url, icon_name="user"))
        return buttons

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        buttons = list(super().header_more_buttons)
        if self.may_see_people:
            url = reverse(self.explain_url_name, args=[self.object.pk])
            buttons.append(Button(_("Why is somebody in?"), url=url, icon_name="help", priority=30))
        if self.may_see_people and self.is_static and self.user_has_permission("change"):
            url = reverse(self.import_url_name, args=[self.object.pk])
            buttons.append(Button(_("Add from a file"), url=url, icon_name="upload", priority=40))
        return buttons

    def get_actions(self) -> list[Action]:
        if not (self.is_static and self.may_see_people and self.user_has_permission("change")):
            return []
        put, take = (reverse(name, args=[self.object.pk]) for name in (self.put_url_name, self.take_url_name))
        return [
            Action(_("Add a contact"), put, "", AddressForm(prefix="put")),
            Action(_("Take a contact out"), take, "", AddressForm(prefix="take")),
        ]


class MemberActionView(ActionView):
    """Puts one contact in, or takes one out, by the address."""

    model = Segment
    form_class = AddressForm
    prefix = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not may(request.user, Contact, "view", "change"):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_form(self) -> Any:
        return self.form_class(self.request.POST, prefix=self.prefix)

    def get_log_data(self, data: dict[str, Any]) -> dict[str, Any]:
        return {}  # not the address: the log outlives the contact

    def contact(self, address: str) -> Contact:
        try:
            found = Contact.objects.filter(key=normalise(address)).first()
        except InvalidAddress as invalid:
            raise NoSuchContact from invalid
        if found is None:
            raise NoSuchContact
        return found


class PutInView(MemberActionView):
    prefix = "put"
    log_action = "wagtail_flows.add_members"

    def act(self, data: dict[str, Any]) -> str:
        contact = self.contact(data["address"])
        if add_members(self.object, [contact.pk]):
            return _("%(contact)s is in the segment.") % {"contact": contact}
        return _("%(contact)s was in the segment already.") % {"contact": contact}


class TakeOutView(MemberActionView):
    prefix = "take"
    log_action = "wagtail_flows.remove_members"

    def act(self, data: dict[str, Any]) -> str:
        contact = self.contact(data["address"])
        if remove_members(self.object, [contact.pk]):
            return _("%(contact)s is no longer in the segment.") % {"contact": contact}
        return _("%(contact)s was not in the segment.") % {"contact": contact}
