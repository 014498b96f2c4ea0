"""What may be done to a contact and a list without the contact being there: five distinct verbs. Pure."""

from __future__ import annotations

from enum import StrEnum


class ListVerb(StrEnum):
    """SUBSCRIBE leaves alone who unsubscribed, SUBSCRIBE_AGAIN asks them too. ADD puts on the list without subscribing.
    UNSUBSCRIBE is remembered, REMOVE isn't.
    """

    SUBSCRIBE = "subscribe"
    SUBSCRIBE_AGAIN = "subscribe_again"
    ADD = "add"
    UNSUBSCRIBE = "unsubscribe"
    REMOVE = "remove"
