"""What contacts tells the rooms above, in the transaction in which it happens.

Those about one person carry `subscription` and `locale` (the language the person used, "" for the contact's own). Who
connects queues the mail in the same transaction.
"""

from __future__ import annotations

from django.dispatch import Signal


# A double opt-in waits for its owner: send the link.
confirmation_wanted = Signal()
# The same for `subscriptions` that a scenario or somebody in the admin began: their owners didn't ask, so the mail
# mustn't say that they did.
invitations_wanted = Signal()
# Somebody asked for a list that this address has: tell its owner by mail, since the form must not tell the visitor.
already_subscribed = Signal()
# A property got another value, or none: carries `contact_ids`, which are locked, and its `name`.
property_changed = Signal()
