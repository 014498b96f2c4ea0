"""What the package adds to the Wagtail admin: one menu, its pages, their icons, and the words of the log."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.i18n import JavaScriptCatalog
from wagtail import hooks
from wagtail.log_actions import LogActionRegistry
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSetGroup

from wagtail_flows.api.viewsets import ApiKeyViewSet
from wagtail_flows.attention.viewsets import AttentionViewSet
from wagtail_flows.contacts.list_viewsets import MailingListViewSet
from wagtail_flows.contacts.viewsets import ContactViewSet, PropertyViewSet, SuppressionViewSet
from wagtail_flows.engine.hand_views import TakeOut, TryAgain
from wagtail_flows.engine.start_views import START_ACTION, StartScenario, StartView
from wagtail_flows.engine.viewsets import EnrollmentViewSet
from wagtail_flows.lib.admin_deletion import refuse_deletion
from wagtail_flows.messages.delivery_viewsets import DeliveryViewSet
from wagtail_flows.messages.viewsets import MessageViewSet
from wagtail_flows.messages.webhook_viewsets import WebhookEndpointViewSet
from wagtail_flows.scenarios.viewsets import ScenarioViewSet
from wagtail_flows.segments.bulk_actions import AddToSegment, TakeFromSegment
from wagtail_flows.segments.viewsets import SegmentViewSet
from wagtail_flows.shop.viewsets import OrderViewSet, ShopViewSet
from wagtail_flows.shop.webhook_viewsets import ReceivedWebhookViewSet


ICONS = ("flows", "delivery", "enrollment", "order", "property", "segment", "shop", "suppression", "webhook")

LOG_ACTIONS = (
    ("wagtail_flows.export", _("Export"), _("Exported rows to a file")),
    ("wagtail_flows.suppress", _("Suppress"), _("Suppressed the address")),
    ("wagtail_flows.ask_to_subscribe", _("Ask to subscribe"), _("Sent a confirmation e-mail")),
    ("wagtail_flows.unsubscribe", pgettext_lazy("somebody else", "Unsubscribe"), _("Unsubscribed from a list")),
    ("wagtail_flows.set_property", _("Set property"), _("Set a property")),
    ("wagtail_flows.add_members", _("Add people"), _("Added people to the segment")),
    ("wagtail_flows.remove_members", _("Take people out"), _("Took people out of the segment")),
    ("wagtail_flows.check_connection", _("Check connection"), _("Checked the connection")),
    ("wagtail_flows.apply_webhook", _("Apply again"), _("Applied the webhook again")),
    ("wagtail_flows.delivery_marked_sent", _("Mark as sent"), _("Marked the e-mail as sent")),
    ("wagtail_flows.delivery_marked_not_sent", _("Mark as not sent"), _("Marked the e-mail as not sent")),
    (START_ACTION, _("Start by hand"), _("Started the scenario by hand")),
    ("wagtail_flows.renew_secret", _("Make a new secret"), _("Made a new secret for the webhook")),
    ("wagtail_flows.pause", _("Pause"), _("Paused the scenario")),
    ("wagtail_flows.set_limits", _("Set limits"), _("Set the limits of the scenario")),
    ("wagtail_flows.resume", _("Resume"), _("Resumed the scenario")),
    ("wagtail_flows.archive", _("Archive"), _("Archived the scenario")),
    ("wagtail_flows.restore", _("Restore"), _("Restored the scenario")),
    ("wagtail_flows.try_again", _("Try again"), _("Let somebody who needed attention try again")),
    ("wagtail_flows.skip_wait", _("Skip the wait"), _("Skipped a wait")),
    ("wagtail_flows.take_out", _("Take out"), _("Took somebody out of the scenario")),
)


class FlowsGroup(SnippetViewSetGroup):
    """The menu of the package. Other packages may add to it by the hook `register_flows_menu_item` (Wagtail 8)."""

    menu_label = _("Flows")
    menu_name = "flows"
    menu_icon = "flows"
    menu_order = 250
    submenu_hook = "register_flows_menu_item"
    items = (
        AttentionViewSet,
        ContactViewSet,
        MailingListViewSet,
        SegmentViewSet,
        MessageViewSet,
        ScenarioViewSet,
        EnrollmentViewSet,
        DeliveryViewSet,
        WebhookEndpointViewSet,
        ShopViewSet,
        OrderViewSet,
        ReceivedWebhookViewSet,
        SuppressionViewSet,
        PropertyViewSet,
        ApiKeyViewSet,
    )


# Not by the hook `register_admin_viewset`: that runs too late for `migrate` to make the permissions to publish.
register_snippet(FlowsGroup)

hooks.register("before_delete_snippet", refuse_deletion)
hooks.register("register_bulk_action", AddToSegment)
hooks.register("register_bulk_action", TakeFromSegment)
hooks.register("register_bulk_action", TryAgain)
hooks.register("register_bulk_action", TakeOut)
hooks.register("register_bulk_action", StartScenario)


@hooks.register("register_icons")
def register_icons(icons: list[str]) -> list[str]:
    names = ("flows" if name == "flows" else f"flows-{name}" for name in ICONS)
    return [*icons, *(f"wagtail_flows/icons/{name}.svg" for name in names)]


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    for name, label, message in LOG_ACTIONS:
        actions.register_action(name, label, message)


@hooks.register("register_admin_urls")
def register_admin_urls() -> list[URLPattern]:
    """The words of our editors, which add theirs to those that Wagtail has loaded; and what belongs to no viewset."""
    words = JavaScriptCatalog.as_view(packages=["wagtail_flows"])
    return [
        path("flows/words.js", words, name="flows_javascript_catalogue"),
        path("flows/start/", StartView.as_view(), name="flows_start"),
    ]
