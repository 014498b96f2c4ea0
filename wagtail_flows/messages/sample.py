"""Made-up people and orders for previews: never anybody's real data."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from wagtail_flows.messages.formats import localized
from wagtail_flows.messages.parts import Footer
from wagtail_flows.messages.personalize import Context


# Addresses that lead nowhere (RFC 2606). No server answers there: `with_pictures` puts drawings in the their place.
HOST = "https://example.invalid"
PICTURE = f"{HOST}/product.png"
DRAWING = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 72 72'%3E%3Crect width='72' height='72' "
    "fill='%23dbe4ff'/%3E%3Crect x='24' y='14' width='24' height='8' rx='2' fill='%23364fc7'/%3E%3Crect x='20' y='24' "
    "width='32' height='36' rx='6' fill='%235c7cfa'/%3E%3C/svg%3E"
)


def sample_context(*, is_commercial: bool = True) -> Context:
    """A closed context in the active language."""
    order = _order()
    return {
        "contact": {
            "first_name": gettext("Camille"),
            "last_name": gettext("Martin"),
            "email": "camille@example.org",
            "locale": "",
        },
        "list": {"name": gettext("Newsletter"), "description": ""},
        "site": {"name": gettext("Sample site"), "url": HOST},
        "shop": order["shop"],
        "order": order,
        "event": {},
        "links": {"unsubscribe": f"{HOST}/unsubscribe" if is_commercial else "", "confirm": f"{HOST}/confirm"},
    }


def sample_footer(sender_name: str, postal_address: str, known: Context) -> Footer:
    """The footer of a preview, in the active language."""
    leave = known["links"]["unsubscribe"]
    names = {"list": known["list"]["name"]}
    why = gettext("You get this e-mail because you subscribed to “%(list)s”.") % names if leave else ""
    return Footer(sender_name, postal_address, why, leave)


def with_pictures(html: str) -> str:
    """Rendered HTML with a drawing where the sample's picture would be."""
    return html.replace(PICTURE, DRAWING)


def _order() -> dict[str, Any]:
    return localized(
        {
            "number": "1042",
            "currency": "EUR",
            "total": Decimal("41.90"),
            "placed_at": datetime(2026, 3, 9, 10, 30, tzinfo=UTC),
            "paid_at": datetime(2026, 3, 9, 10, 31, tzinfo=UTC),
            "shipped_at": datetime(2026, 3, 10, 8, 0, tzinfo=UTC),
            "delivered_at": datetime(2026, 3, 12, 14, 0, tzinfo=UTC),
            "locale": "",
            "shop": {"name": gettext("Sample shop"), "url": HOST},
            "lines": [
                _line(gettext("Chestnut honey"), gettext("500 g jar"), 2, "12.50", "honey"),
                _line(gettext("Beeswax candle"), "", 1, "16.90", "candle"),
            ],
        }
    )


def _line(name: str, variant: str, quantity: int, price: str, slug: str) -> dict[str, Any]:
    return {
        "name": name,
        "variant": variant,
        "sku": slug,
        "quantity": quantity,
        "price": Decimal(price),
        "image_url": PICTURE,
        "review_url": f"{HOST}/{slug}/review",
    }
