"""The admin of shops and orders."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Max, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn, NumberColumn

from wagtail_flows.contacts.models import Contact
from wagtail_flows.lib.admin_columns import LinkColumn, MomentColumn, label_column
from wagtail_flows.lib.admin_deletion import ExplainedDeleteView
from wagtail_flows.lib.admin_inspect import FlowsInspectView
from wagtail_flows.lib.admin_listing import FlowsIndexView
from wagtail_flows.lib.admin_policy import may
from wagtail_flows.lib.admin_sections import Section, register, table_section
from wagtail_flows.lib.admin_viewsets import FlowsViewSet, ReadOnlyViewSet
from wagtail_flows.shop.admin_forms import ShopForm
from wagtail_flows.shop.models import Order, Shop
from wagtail_flows.shop.order_texts import amount, progress
from wagtail_flows.shop.shop_page import CheckConnectionView, ShopInspectView


class ShopIndexView(FlowsIndexView):
    default_ordering = "name"
    empty_text = _("Connect a shop, and its orders start scenarios: thanks, review requests, comebacks.")

    def get_base_queryset(self) -> QuerySet[Shop]:
        return Shop.objects.annotate(
            order_count=Count("orders", distinct=True), last_webhook_at=Max("webhooks__received_at")
        ).defer("jwks", "hmac_secret")

    @cached_property
    def columns(self) -> list[Column]:
        return [
            self._get_title_column("name"),
            label_column("url", _("Address")),
            BooleanColumn("is_active", label=pgettext_lazy("shop", "Active"), sort_key="is_active"),
            NumberColumn("order_count", label=_("Orders"), sort_key="order_count"),
            DateColumn("last_webhook_at", label=_("Last webhook"), sort_key="last_webhook_at"),
            NumberColumn("refused_count", label=_("Refused requests"), sort_key="refused_count"),
        ]


class DeleteShopView(ExplainedDeleteView):
    def get_warning(self) -> str:
        count = self.object.orders.count()
        return ngettext(
            "%(count)s order and all received webhooks go with it. The contacts stay.",
            "%(count)s orders and all received webhooks go with it. The contacts stay.",
            count,
        ) % {"count": count}


class ShopViewSet(FlowsViewSet):
    model = Shop
    slug = "shops"
    icon = "flows-shop"
    index_view_class = ShopIndexView
    inspect_view_class = ShopInspectView
    delete_view_class = DeleteShopView
    search_fields = ("name", "url")
    inspect_view_fields = (
        "name",
        "adapter",
        "url",
        "site",
        "is_active",
        "jwks_fetched_at",
        "has_secret",
        "transit_days",
        "review_url",
        "refused_count",
        "last_refused_at",
        "created_at",
    )
    edit_handler = ObjectList(
        [
            FieldPanel("name"),
            FieldPanel("adapter"),
            FieldPanel("url"),
            FieldPanel("is_active"),
            MultiFieldPanel([FieldPanel("hmac_secret"), FieldPanel("forget_secret")], heading=_("Signature")),
            MultiFieldPanel([FieldPanel("transit_days"), FieldPanel("review_url")], heading=_("Review requests")),
            FieldPanel("site"),
        ],
        base_form_class=ShopForm,
    )

    def get_inspect_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_inspect_view_kwargs(check_url_name=self.get_url_name("check"), **kwargs)

    def get_urlpatterns(self) -> list[URLPattern]:
        check = path("check/<int:pk>/", self.action(CheckConnectionView), name="check")
        return [*super().get_urlpatterns(), check]


class OrderFilterSet(WagtailFilterSet):
    class Meta:
        model = Order
        fields = ("shop", "status", "channel")


class OrderIndexView(FlowsIndexView):
    default_ordering = "-placed_at"
    empty_text = _("Orders stand here as soon as a connected shop tells about them.")

    def get_base_queryset(self) -> QuerySet[Order]:
        return Order.objects.select_related("shop", "contact").defer("metadata")

    @cached_property
    def columns(self) -> list[Column]:
        return [
            self._get_title_column("__str__"),
            LinkColumn("contact", self.request.user, label=_("Contact")),
            Column("progress", label=_("Progress"), accessor=progress),
            Column("total", label=_("Total"), accessor=amount, sort_key="total"),
            label_column("shop", _("Shop")),
            DateColumn("placed_at", label=_("Placed"), sort_key="placed_at"),
            DateColumn("delivered_at", label=_("Delivered"), sort_key="delivered_at"),
        ]


class OrderInspectView(FlowsInspectView):
    def get_total_display_value(self) -> str:
        return amount(self.object)

    def get_own_sections(self) -> list[Section]:
        lines = table_section(
            "lines",
            gettext("Products"),
            "list-ul",
            gettext("The shop didn't tell which products."),
            columns=[
                Column("product_name", label=_("Product")),
                label_column("variant_name", _("Variant")),
                label_column("sku", _("Article number")),
                NumberColumn("quantity", label=_("Quantity")),
            ],
            rows=self.object.lines.order_by("position", "id"),
        )
        return [lines, self.parcels()]

    def parcels(self) -> Section:
        return table_section(
            "parcels",
            gettext("Parcels"),
            "flows-order",
            gettext("Nothing was shipped yet."),
            columns=[
                Column("external_id", label=_("Parcel")),
                label_column("status", _("Status")),
                label_column("tracking", _("Tracking")),
                MomentColumn("shipped_at", label=_("Shipped")),
                MomentColumn("delivered_at", label=_("Delivered")),
                MomentColumn("estimated_delivery_at", label=_("Expected")),
            ],
            rows=self.object.fulfilments.order_by("id"),
        )


class OrderViewSet(ReadOnlyViewSet):
    model = Order
    slug = "orders"
    icon = "flows-order"
    index_view_class = OrderIndexView
    inspect_view_class = OrderInspectView
    filterset_class = OrderFilterSet
    search_fields = ("number", "external_id", "address")
    inspect_view_fields = (
        "number",
        "shop",
        "contact",
        "address",
        "status",
        "total",
        "locale",
        "channel",
        "placed_at",
        "paid_at",
        "shipped_at",
        "delivered_at",
        "cancelled_at",
        "refunded_at",
    )


def orders_of(contact: Contact, request: HttpRequest) -> Section | None:
    """What a contact ordered, on the contact's page."""
    if not may(request.user, Order):
        return None
    return table_section(
        "orders",
        gettext("Orders"),
        "flows-order",
        gettext("No connected shop told about an order of this contact."),
        columns=[
            LinkColumn("order", request.user, label=_("Order"), accessor=lambda order: order),
            Column("progress", label=_("Progress"), accessor=progress),
            Column("total", label=_("Total"), accessor=amount),
            MomentColumn("placed_at", label=_("Placed")),
            MomentColumn("delivered_at", label=_("Delivered")),
        ],
        rows=contact.orders.order_by("-placed_at", "-id"),
        more_url=f"{reverse('flows_orders:index')}?q={contact.address}",
    )


register(Contact, orders_of, order=10)
