"""The admin of lists."""

from __future__ import annotations

from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn, NumberColumn

from wagtail_flows.contacts.models import MailingList, Subscription
from wagtail_flows.lib.admin_deletion import ExplainedDeleteView, referring, register_use
from wagtail_flows.lib.admin_inspect import FlowsInspectView
from wagtail_flows.lib.admin_listing import FlowsIndexView
from wagtail_flows.lib.admin_viewsets import FlowsViewSet


# A list that a form on a page offers stays as long as the form does.
register_use(MailingList, referring)


def counted(status: str) -> Count:
    return Count("subscriptions", filter=Q(subscriptions__status=status))


class MailingListIndexView(FlowsIndexView):
    default_ordering = "name"
    empty_text = _(
        "A list is what people subscribe to, such as a monthly newsletter. Make one, then offer it on a form."
    )

    def get_base_queryset(self) -> QuerySet[MailingList]:
        return MailingList.objects.select_related("site").annotate(
            subscribed_count=counted(Subscription.Status.SUBSCRIBED),
            pending_count=counted(Subscription.Status.PENDING),
            added_count=counted(Subscription.Status.ADDED),
        )

    @cached_property
    def columns(self) -> list[Column]:
        return [
            self._get_title_column("name"),
            Column("public_name", label=_("Public name"), sort_key="public_name"),
            NumberColumn("subscribed_count", label=_("Subscribed"), sort_key="subscribed_count"),
            NumberColumn("pending_count", label=_("Pending"), sort_key="pending_count"),
            NumberColumn("added_count", label=_("Added only"), sort_key="added_count"),
            BooleanColumn("is_double_opt_in", label=_("Double opt-in"), sort_key="is_double_opt_in"),
            DateColumn("created_at", label=_("Created"), sort_key="created_at"),
        ]


class MailingListInspectView(FlowsInspectView):
    contacts_url_name = ""

    def counted_link(self, status: str) -> SafeString:
        count = self.object.subscriptions.filter(status=status).count()
        query = urlencode({"mailing_list": self.object.pk, "status": status})
        return format_html('<a href="{}?{}">{}</a>', reverse(self.contacts_url_name), query, count)

    def get_subscribed_display_value(self) -> SafeString:
        return self.counted_link(Subscription.Status.SUBSCRIBED)

    def get_pending_display_value(self) -> SafeString:
        return self.counted_link(Subscription.Status.PENDING)

    def get_added_display_value(self) -> SafeString:
        return self.counted_link(Subscription.Status.ADDED)

    def get_field_label(self, field_name: str, field: object) -> str:
        labels = {
            "subscribed": gettext("Subscribed"),
            "pending": gettext("Pending"),
            "added": gettext("Added without subscribing"),
        }
        return labels.get(field_name) or super().get_field_label(field_name, field)


class DeleteMailingListView(ExplainedDeleteView):
    def get_warning(self) -> str:
        count = self.object.subscriptions.count()
        return ngettext(
            "%(count)s subscription goes with it. The evidence of consent stays with the contact.",
            "%(count)s subscriptions go with it. The evidence of consent stays with the contacts.",
            count,
        ) % {"count": count}


class MailingListViewSet(FlowsViewSet):
    model = MailingList
    slug = "lists"
    icon = "list-ul"
    index_view_class = MailingListIndexView
    inspect_view_class = MailingListInspectView
    delete_view_class = DeleteMailingListView
    search_fields = ("name", "public_name")
    inspect_view_fields = (
        "name",
        "public_name",
        "public_description",
        "subscribed",
        "pending",
        "added",
        "is_double_opt_in",
        "site",
        "created_at",
    )
    edit_handler = ObjectList(
        [
            FieldPanel("name"),
            MultiFieldPanel(
                [FieldPanel("public_name"), FieldPanel("public_description")], heading=_("For subscribers")
            ),
            FieldPanel("is_double_opt_in"),
            FieldPanel("site"),
        ]
    )

    def get_inspect_view_kwargs(self, **kwargs: object) -> dict[str, object]:
        return super().get_inspect_view_kwargs(contacts_url_name="flows_contacts:index", **kwargs)
