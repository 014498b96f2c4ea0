"""How many e-mails stand where: a section for the page of whatever sends them."""

from __future__ import annotations

from types import SimpleNamespace
from urllib.parse import urlencode

from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin.ui.tables import NumberColumn, Table, TitleColumn

from wagtail_flows.lib.admin_policy import may
from wagtail_flows.lib.admin_sections import Section
from wagtail_flows.messages.delivery_models import Delivery


def mail_counts(deliveries: QuerySet[Delivery], request: HttpRequest, query: dict[str, object]) -> Section | None:
    """One row for each status, linked to the listing filtered by `query`; None for who may not read deliveries."""
    if not may(request.user, Delivery):
        return None
    counted = deliveries.order_by().values("status").annotate(count=Count("pk")).order_by("status")
    rows = [SimpleNamespace(**row) for row in counted]
    columns = [
        TitleColumn(
            "status",
            label=_("Status"),
            accessor=lambda row: Delivery.Status(row.status).label,
            get_url=lambda row: f"{reverse('flows_deliveries:index')}?{urlencode({**query, 'status': row.status})}",
        ),
        NumberColumn("count", label=_("E-mails")),
    ]
    body = Table(columns, rows, classname="listing flows-table") if rows else None
    return Section("mail", _("Deliveries"), "flows-delivery", _("Nothing was sent yet."), body)
