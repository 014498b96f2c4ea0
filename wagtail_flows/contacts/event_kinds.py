"""The events that contacts records."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from wagtail_flows.events import kinds


LIST_SUBSCRIBED = "list.subscribed"
LIST_UNSUBSCRIBED = "list.unsubscribed"
PROPERTY_CHANGED = "contact.property_changed"

# `source`: how it came, as the evidence says (form, link, admin …); `page`: the id, as text, of the page with the form.
LIST_FIELDS = ("list", "source", "page")

kinds.register(kinds.EventKind(LIST_SUBSCRIBED, _("Subscribed to a list"), LIST_FIELDS))
kinds.register(kinds.EventKind(LIST_UNSUBSCRIBED, _("Left a list"), LIST_FIELDS))
kinds.register(kinds.EventKind(PROPERTY_CHANGED, _("Property changed"), ("property", "type", "old", "new")))
