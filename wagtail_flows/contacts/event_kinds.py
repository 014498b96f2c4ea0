"""The events that contacts records."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from wagtail_flows.events import kinds


LIST_SUBSCRIBED = "list.subscribed"
LIST_UNSUBSCRIBED = "list.unsubscribed"
PROPERTY_CHANGED = "contact.property_changed"

kinds.register(kinds.EventKind(LIST_SUBSCRIBED, _("Subscribed to a list"), ("list",)))
kinds.register(kinds.EventKind(LIST_UNSUBSCRIBED, _("Left a list"), ("list",)))
kinds.register(kinds.EventKind(PROPERTY_CHANGED, _("Property changed"), ("property", "type", "old", "new")))
