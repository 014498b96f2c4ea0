"""The shops' gate at the hand-over: nobody is written to about an order that has become somebody else's.

An address is corrected in the shop: what the first one was to get stays behind at the first one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from wagtail_flows.messages import gates, reasons
from wagtail_flows.messages.gates import Skip
from wagtail_flows.messages.models import Delivery
from wagtail_flows.shop.message_context import order_id
from wagtail_flows.shop.models import Order


ORDER_OF_ANOTHER = "order_of_another"


def register() -> None:
    """Put the gate at the hand-over. Doing it again changes nothing."""
    reasons.register(ORDER_OF_ANOTHER, _("The order belongs to another address now."))
    gates.register(order_of_another)


def order_of_another(deliveries: Sequence[Delivery]) -> Mapping[int, Skip]:
    """One query, and none where no e-mail is about an order."""
    wanted = {one.pk: found for one in deliveries if (found := order_id(str(one.context.get("subject") or "")))}
    if not wanted:
        return {}
    rows = Order.objects.filter(public_id__in=wanted.values(), contact__isnull=False)
    owners = dict(rows.values_list("public_id", "contact_id"))
    return {
        one.pk: Skip(ORDER_OF_ANOTHER)
        for one in deliveries
        if one.pk in wanted and owners.get(wanted[one.pk], one.contact_id) != one.contact_id
    }
