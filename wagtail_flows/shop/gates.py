"""The shops' gates at the hand-over.

- Nobody is written to about an order that has become somebody else's: its address was corrected in the shop.
- Who is written to as a customer has bought something. What an e-mail is about (an order, a booking of another system)
  vouches for that; one that is about nothing of the kind needs an order of the contact. Where no shop is connected the
  customers are known elsewhere, and the message's word counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from wagtail_flows.messages import gates, reasons
from wagtail_flows.messages.delivery_models import Basis, Stream
from wagtail_flows.messages.gates import Skip
from wagtail_flows.messages.models import Delivery
from wagtail_flows.shop.message_context import order_id
from wagtail_flows.shop.models import Order, Shop


ORDER_OF_ANOTHER = "order_of_another"
NO_CUSTOMER = "no_customer"


def register() -> None:
    """Put both gates at the hand-over. Doing it again changes nothing."""
    reasons.register(ORDER_OF_ANOTHER, _("The order belongs to another address now."))
    reasons.register(NO_CUSTOMER, _("It is for customers only, and this contact hasn't ordered anything."))
    gates.register(order_of_another)
    gates.register(not_a_customer)


def order_of_another(deliveries: Sequence[Delivery]) -> Mapping[int, Skip]:
    """One query, and none where no e-mail is about an order."""
    wanted = {one.pk: found for one in deliveries if (found := order_id(_subject(one)))}
    if not wanted:
        return {}
    rows = Order.objects.filter(public_id__in=wanted.values(), contact__isnull=False)
    owners = dict(rows.values_list("public_id", "contact_id"))
    return {
        one.pk: Skip(ORDER_OF_ANOTHER)
        for one in deliveries
        if one.pk in wanted and owners.get(wanted[one.pk], one.contact_id) != one.contact_id
    }


def not_a_customer(deliveries: Sequence[Delivery]) -> Mapping[int, Skip]:
    """At most two queries, and none where no e-mail needs them."""
    asked = [one for one in deliveries if one.stream == Stream.COMMERCIAL and _needs_an_order(one)]
    if not asked:
        return {}
    bought = Order.objects.filter(
        contact__in={one.contact_id for one in asked}, placed_at__isnull=False, cancelled_at__isnull=True
    )
    customers = set(bought.values_list("contact_id", flat=True))
    strangers = [one for one in asked if one.contact_id not in customers]
    return {one.pk: Skip(NO_CUSTOMER) for one in strangers} if strangers and Shop.objects.exists() else {}


def _needs_an_order(delivery: Delivery) -> bool:
    return delivery.basis == Basis.EXISTING_CUSTOMER and _subject(delivery).partition(":")[0] in {"", "list"}


def _subject(delivery: Delivery) -> str:
    return str(delivery.context.get("subject") or "")
