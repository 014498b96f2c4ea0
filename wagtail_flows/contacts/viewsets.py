"""The admin of contacts, suppressions and properties."""

from __future__ import annotations

from typing import Protocol

import django_filters

from django.db.models import Count, Exists, OuterRef, Prefetch, QuerySet
from django.urls import URLPattern, path
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import Column, DateColumn, NumberColumn

from wagtail_flows.contacts.admin_forms import ContactForm, PropertyForm, SuppressionForm
from wagtail_flows.contacts.contact_page import (
    AskToSubscribeView,
    ContactInspectView,
    EraseView,
    LeaveView,
    SetPropertyView,
    SuppressView,
)
from wagtail_flows.contacts.models import Contact, MailingList, Property, Subscription, Suppression
from wagtail_flows.contacts.suppression_views import AddSuppressionView
from wagtail_flows.lib.admin_bulk import BulkListingMixin
from wagtail_flows.lib.admin_columns import BAD, StatusColumn, label_column
from wagtail_flows.lib.admin_deletion import ExplainedDeleteView
from wagtail_flows.lib.admin_filters import LanguageFilter
from wagtail_flows.lib.admin_listing import FlowsIndexView
from wagtail_flows.lib.admin_viewsets import FlowsViewSet
from wagtail_flows.lib.languages import language_name


class ContactFilterSet(WagtailFilterSet):
    mailing_list = django_filters.ModelChoiceFilter(
        queryset=MailingList.objects.all(), method="by_subscription", label=_("List")
    )
    status = django_filters.ChoiceFilter(
        choices=Subscription.Status.choices, method="by_subscription", label=_("Subscription")
    )
    is_suppressed = django_filters.BooleanFilter(label=_("Suppressed"))
    is_never_asked_for_review = django_filters.BooleanFilter(label=_("Never ask for a review"))
    locale = LanguageFilter(label=_("Language"))
    created_at = django_filters.DateFromToRangeFilter(label=_("Created"), widget=DateRangePickerWidget)

    class Meta:
        model = Contact
        fields = ()

    def by_subscription(self, queryset: QuerySet[Contact], name: str, value: object) -> QuerySet[Contact]:
        """List and status are asked of the same subscription, so each filter looks at both."""
        asked = {field: self.form.cleaned_data.get(field) for field in ("mailing_list", "status")}
        known = {field: wanted for field, wanted in asked.items() if wanted}
        return queryset.filter(Exists(Subscription.objects.filter(contact=OuterRef("pk"), **known)))


class ContactIndexView(BulkListingMixin, FlowsIndexView):
    bulk_type = "CONTACT"
    default_ordering = "-created_at"
    empty_text = _(
        "People stand here as soon as a shop tells about their order, they tick a box on one of your forms, "
        "or you add them."
    )

    def get_base_queryset(self) -> QuerySet[Contact]:
        subscribed = Subscription.objects.filter(status=Subscription.Status.SUBSCRIBED).select_related("mailing_list")
        suppressed = Suppression.objects.filter(key_hash=OuterRef("key_hash"))
        return (
            Contact.objects.annotate(is_suppressed=Exists(suppressed))
            .prefetch_related(Prefetch("subscriptions", queryset=subscribed, to_attr="subscribed"))
            .defer("key")
        )

    @cached_property
    def columns(self) -> list[Column]:
        return [
            *self.checkbox_columns(),
            self._get_title_column("address"),
            label_column("name", _("Name"), accessor=name_of, sort_key="last_name"),
            label_column("lists", _("Lists"), accessor=lists_of),
            label_column("locale", _("Language"), accessor=language_of, sort_key="locale"),
            StatusColumn("is_suppressed", {True: BAD}, label="", accessor=suppressed_text),
            DateColumn("created_at", label=_("Created"), sort_key="created_at"),
        ]

    def to_row_dict(self, item: Listed) -> dict[str, object]:
        item.lists = lists_of(item)
        row: dict[str, object] = super().to_row_dict(item)
        return row


class Listed(Protocol):
    """A contact with what the listing loads beside it."""

    subscribed: list[Subscription]
    is_suppressed: bool
    lists: str


def name_of(contact: Contact) -> str:
    return f"{contact.first_name} {contact.last_name}".strip()


def language_of(contact: Contact) -> str:
    return language_name(contact.locale)


def lists_of(contact: Listed) -> str:
    return ", ".join(subscription.mailing_list.name for subscription in contact.subscribed)


def suppressed_text(contact: Listed) -> str:
    return gettext("suppressed") if contact.is_suppressed else ""


class ContactViewSet(FlowsViewSet):
    model = Contact
    slug = "contacts"
    icon = "user"
    index_view_class = ContactIndexView
    inspect_view_class = ContactInspectView
    delete_view_class = EraseView
    filterset_class = ContactFilterSet
    search_fields = ("address", "first_name", "last_name")
    list_export = (
        "address",
        "first_name",
        "last_name",
        "locale",
        "time_zone",
        "is_never_asked_for_review",
        "is_suppressed",
        "lists",
        "created_at",
    )
    export_headings = {"lists": _("Lists"), "is_suppressed": _("Suppressed")}
    export_filename = "contacts"
    inspect_view_fields = (
        "address",
        "first_name",
        "last_name",
        "locale",
        "time_zone",
        "is_never_asked_for_review",
        "created_at",
        "updated_at",
    )
    edit_handler = ObjectList(
        [
            FieldPanel("address"),
            MultiFieldPanel([FieldPanel("first_name"), FieldPanel("last_name")], heading=_("Name")),
            MultiFieldPanel([FieldPanel("locale"), FieldPanel("time_zone")], heading=_("Language and place")),
            FieldPanel("is_never_asked_for_review"),
        ],
        base_form_class=ContactForm,
    )

    def get_inspect_view_kwargs(self, **kwargs: object) -> dict[str, object]:
        names = {f"{action}_url_name": self.get_url_name(action) for action in ("suppress", "leave", "ask", "property")}
        return super().get_inspect_view_kwargs(**names, **kwargs)

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("suppress/<int:pk>/", self.action(SuppressView), name="suppress"),
            path("leave/<int:pk>/", self.action(LeaveView), name="leave"),
            path("property/<int:pk>/", self.action(SetPropertyView), name="property"),
            path("ask/<int:pk>/", self.action(AskToSubscribeView), name="ask"),
        ]


class SuppressionFilterSet(WagtailFilterSet):
    class Meta:
        model = Suppression
        fields = ("scope", "reason")


class SuppressionIndexView(FlowsIndexView):
    default_ordering = "-created_at"
    empty_text = _("Addresses that must not be written to stand here: who complained, bounced or asked for it.")
    edit_url_name = None

    @cached_property
    def columns(self) -> list[Column]:
        return [
            self._get_title_column("__str__"),
            label_column("get_scope_display", _("Scope"), sort_key="scope"),
            label_column("get_reason_display", _("Reason"), sort_key="reason"),
            label_column("note", _("Note")),
            DateColumn("created_at", label=_("Created"), sort_key="created_at"),
        ]


class LiftView(ExplainedDeleteView):
    warning = _("The address may then be written to again, as far as its subscriptions allow.")


class SuppressionViewSet(FlowsViewSet):
    """Added and lifted, never edited: what was the reason stays the reason."""

    model = Suppression
    slug = "suppressions"
    icon = "flows-suppression"
    index_view_class = SuppressionIndexView
    add_view_class = AddSuppressionView
    delete_view_class = LiftView
    filterset_class = SuppressionFilterSet
    search_fields = ("address", "note")
    list_export = ("address", "scope", "reason", "note", "created_at")
    export_filename = "suppressions"
    inspect_view_fields = ("address", "scope", "reason", "note", "created_at")
    edit_handler = ObjectList(
        [FieldPanel("address"), FieldPanel("scope"), FieldPanel("note")], base_form_class=SuppressionForm
    )

    def get_common_view_kwargs(self, **kwargs: object) -> dict[str, object]:
        return super().get_common_view_kwargs(edit_url_name=None, usage_url_name=None, history_url_name=None, **kwargs)

    def get_urlpatterns(self) -> list[URLPattern]:
        shown = {"index", "index_results", "add", "delete", "inspect"}
        return [pattern for pattern in super().get_urlpatterns() if pattern.name in shown]


class PropertyIndexView(FlowsIndexView):
    default_ordering = "label"
    empty_text = _("Properties are what you know about contacts beside name and language: a birthday, a shoe size.")

    def get_base_queryset(self) -> QuerySet[Property]:
        return Property.objects.annotate(value_count=Count("values"))

    @cached_property
    def columns(self) -> list[Column]:
        return [
            self._get_title_column("label"),
            Column("name", label=_("Name"), sort_key="name"),
            Column("get_type_display", label=_("Type"), sort_key="type"),
            NumberColumn("value_count", label=_("Contacts with a value"), sort_key="value_count"),
        ]


class DeletePropertyView(ExplainedDeleteView):
    warning = _("Its values go with it, for every contact.")


class PropertyViewSet(FlowsViewSet):
    model = Property
    slug = "properties"
    icon = "flows-property"
    index_view_class = PropertyIndexView
    delete_view_class = DeletePropertyView
    search_fields = ("label", "name")
    inspect_view_fields = ("label", "name", "type")
    edit_handler = ObjectList(
        [FieldPanel("label"), FieldPanel("name"), FieldPanel("type")], base_form_class=PropertyForm
    )
