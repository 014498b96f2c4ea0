"""The page of one shop: what to enter over there, and whether it works."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin.ui.components import Component

from wagtail_flows.exceptions import FlowsError
from wagtail_flows.lib.admin_actions import Action, ActionView
from wagtail_flows.lib.admin_inspect import Banner, FlowsInspectView
from wagtail_flows.lib.admin_sections import Section
from wagtail_flows.lib.public_urls import absolute_url
from wagtail_flows.shop.adapters import registry
from wagtail_flows.shop.checking import check_connection
from wagtail_flows.shop.models import Shop


# Where each adapter keeps the query that its webhooks are best made with.
QUERY_FILES = {"saleor": Path(__file__).parent / "adapters" / "saleor" / "subscription.graphql"}


class CopyComponent(Component):
    """Text to be copied into the shop's own administration."""

    template_name = "wagtail_flows/admin/copy.html"

    def __init__(self, slug: str, text: str, explanation: str) -> None:
        self.context = {"slug": slug, "text": text, "explanation": explanation, "rows": min(text.count("\n") + 1, 20)}

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return self.context


class ShopInspectView(FlowsInspectView):
    check_url_name = ""

    def get_banners(self) -> list[Banner]:
        if not self.object.is_active:
            return [Banner(_("Not active: its webhooks are refused."), "warning")]
        if not self.object.webhooks.exists():
            return [Banner(_("Nothing came from this shop yet. Enter the address below in the shop."))]
        return []

    def get_actions(self) -> list[Action]:
        if not self.user_has_permission("change"):
            return []
        url = reverse(self.check_url_name, args=[self.object.pk])
        return [Action(_("Check connection"), url, _("Reads the shop's signing keys now."))]

    def get_field_label(self, field_name: str, field: object) -> str:
        return _("Secret") if field_name == "has_secret" else super().get_field_label(field_name, field)

    def get_adapter_display_value(self) -> str:
        return str(dict(registry.choices()).get(self.object.adapter, self.object.adapter))

    def get_has_secret_display_value(self) -> str:
        return _("stored") if self.object.hmac_secret else _("none")

    def get_own_sections(self) -> list[Section]:
        return [self.address(), *self.query()]

    def address(self) -> Section:
        path = reverse("wagtail_flows:shop_webhook", args=[self.object.public_id])
        told = _("Enter this as the target URL of the webhook.")
        body = CopyComponent("address", absolute_url(path, self.object.site), told)
        return Section("address", _("Webhook address"), "link", "", body)

    def query(self) -> list[Section]:
        file = QUERY_FILES.get(self.object.adapter)
        if file is None:
            return []
        told = _("Enter this as the subscription query of the webhook, and choose the events it names.")
        body = CopyComponent("query", file.read_text(encoding="utf-8"), told)
        return [Section("query", _("Subscription query"), "code", "", body)]


class NotConnected(FlowsError):
    """The shop can't be reached or verified; the message says why."""


class CheckConnectionView(ActionView):
    model = Shop
    log_action = "wagtail_flows.check_connection"
    # It asks another server, and no transaction waits for that.
    is_atomic = False

    def act(self, data: dict[str, Any]) -> str:
        check = check_connection(self.object)
        if not check.is_good:
            raise NotConnected(check.text)
        return check.text
