"""Why a delivery stands where it stands: every code that `Delivery.reason` may hold, and its label.

Codes are stored and compared; labels are for people. Rooms above add theirs with `register`, such as the engine for
"paused".
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


# skipped: a gate objected
SUPPRESSED = "suppressed"
NOT_SUBSCRIBED = "not_subscribed"
LEFT_LIST = "left_list"
NO_LIST = "no_list"
NO_BASIS = "no_basis"
NOT_PENDING = "not_pending"
NEVER_ASK_FOR_REVIEW = "never_ask_for_review"
MESSAGE_NOT_LIVE = "message_not_live"

# failed: refused for good, or can't be written at all
ADDRESS_REFUSED = "address_refused"
ADDRESS_INVALID = "address_invalid"
ADDRESS_NOT_ASCII = "address_not_ascii"
MAILBOX_FULL = "mailbox_full"
SENDER_REFUSED = "sender_refused"
TOO_LARGE = "too_large"
CONTENT_REFUSED = "content_refused"
POLICY_REFUSED = "policy_refused"
REFUSED = "refused"
NOT_ACCEPTED = "not_accepted"
CANNOT_BE_WRITTEN = "cannot_be_written"
RENDERING_FAILED = "rendering_failed"
GAVE_UP = "gave_up"

# queued again: certainly not sent, tried later
REFUSED_FOR_NOW = "refused_for_now"
CONNECTION_LOST = "connection_lost"
SERVER_UNREACHABLE = "server_unreachable"

# queued: its turn comes later
WARM_UP = "warm_up"

# uncertain: nobody can know
NO_ANSWER = "no_answer"
WORKER_LOST = "worker_lost"

# sent, and this was heard of it afterwards
CAME_BACK = "came_back"
COMPLAINED = "complained"
PROVIDER_REFUSED = "provider_refused"  # also failed, where there was a doubt

_labels: dict[str, str | Promise] = {
    SUPPRESSED: _("This address must not be written to."),
    NOT_SUBSCRIBED: _("No confirmed subscription to the list."),
    LEFT_LIST: _("Left the list."),
    NO_LIST: _("No list, or the list was deleted."),
    NO_BASIS: _("Commercial mail without a legal basis."),
    NOT_PENDING: _("The confirmation is not waited for any more."),
    NEVER_ASK_FOR_REVIEW: _("This contact is never asked for a review."),
    MESSAGE_NOT_LIVE: _("The e-mail isn't published, or was deleted."),
    ADDRESS_REFUSED: _("The mail server says that there is no such address."),
    ADDRESS_INVALID: _("This is not an e-mail address."),
    ADDRESS_NOT_ASCII: _("The part before the @ has letters that our mail server can't send to."),
    MAILBOX_FULL: _("The mailbox is full."),
    SENDER_REFUSED: _("The mail server refused our sender address."),
    TOO_LARGE: _("The mail server found the e-mail too large."),
    CONTENT_REFUSED: _("The mail server refused the content."),
    POLICY_REFUSED: _("The mail server refused by its policy."),
    REFUSED: _("The mail server refused."),
    NOT_ACCEPTED: _("The mail system took nothing and named no reason."),
    CANNOT_BE_WRITTEN: _("The e-mail couldn't be put into its final form."),
    RENDERING_FAILED: _("The e-mail couldn't be rendered."),
    GAVE_UP: _("Refused for the moment too many times."),
    REFUSED_FOR_NOW: _("Refused for the moment; it will be tried again."),
    CONNECTION_LOST: _("The connection broke before the e-mail was handed over; it will be tried again."),
    SERVER_UNREACHABLE: _("The mail server can't be reached or doesn't let us in; it will be tried again."),
    WARM_UP: _("Today’s share of the warm-up is used; it goes when there is room."),
    NO_ANSWER: _("The mail server never said whether it took the e-mail."),
    WORKER_LOST: _("The worker that was sending it disappeared."),
    CAME_BACK: _("It came back: the receiving mail server didn’t keep it."),
    COMPLAINED: _("The recipient reported it as spam."),
    PROVIDER_REFUSED: _("The provider refused to send it."),
}


def register(code: str, label: str | Promise) -> None:
    """Add a code (at most 64 characters) with its lazily translated label."""
    _labels[code] = label


def label(code: str) -> str:
    """The label of a code in the current language; an unknown code stands for itself, an empty one for nothing."""
    return str(_labels.get(code, code))


def choices() -> list[tuple[str, str]]:
    """Every code with its label, for filters."""
    return [(code, str(text)) for code, text in _labels.items()]
