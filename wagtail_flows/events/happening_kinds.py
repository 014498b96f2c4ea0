"""Kinds of events that segments ask about by name: what becomes of e-mails, carts and visits to pages.

Their data name things as rules do: `message` is the translation key of the e-mail, `page` the id of the page as text,
`product` the shop's id of the product. `by` is `human`, `machine` or `unknown`.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from wagtail_flows.events.kinds import EventKind


OPENED = "message.opened"
CLICKED = "message.clicked"

CART_FIELDS = ("cart", "product", "total", "currency", "shop")

KINDS = (
    EventKind("message.sent", _("E-mail sent"), ("message",)),
    EventKind(OPENED, _("E-mail opened"), ("message", "by")),
    EventKind(CLICKED, _("Link in an e-mail clicked"), ("message", "link", "by")),
    # Open as long as no adapter of a shop records them: a plugin of the shop may tell of carts itself.
    EventKind("cart.updated", _("Cart filled"), CART_FIELDS, is_open=True),
    EventKind("cart.abandoned", _("Cart left"), CART_FIELDS, is_open=True),
    EventKind("page.viewed", _("Page viewed"), ("page", "url"), is_open=True),
)
