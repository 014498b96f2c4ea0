"""What the public pages say when there is nothing to press: the status, what happened, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Notice:
    """`text` may name `%(list)s`, `%(site)s` and `%(address)s`; `is_good` says whether it is good news."""

    code: str
    status: int
    title: str | Promise
    text: str | Promise
    is_good: bool = False


CONFIRMED = Notice("confirmed", 200, _("Thank you!"), _("Your subscription to “%(list)s” is confirmed."), is_good=True)
ALREADY_CONFIRMED = Notice(
    "already-confirmed",
    200,
    _("Already confirmed"),
    _("Your subscription to “%(list)s” was confirmed before. There is nothing more to do."),
    is_good=True,
)
SUPERSEDED = Notice(
    "superseded",
    410,
    _("This link is no longer valid"),
    _(
        "You have left “%(list)s” since this link was sent, or asked for a new one. Use the link in the newest "
        "e-mail, or subscribe again on our site."
    ),
)
EXPIRED = Notice(
    "expired",
    410,
    _("This link has expired"),
    _("For your safety such a link works for some days only. Subscribe again on our site, and you will get a new one."),
)
DAMAGED = Notice(
    "damaged",
    400,
    _("This link is damaged"),
    _(
        "Part of it is missing or has been changed. Press the link in the e-mail again, or copy the whole of it into "
        "the address bar."
    ),
)
WRONG_PURPOSE = Notice(
    "wrong-purpose",
    400,
    _("This link is for something else"),
    _(
        "It comes from one of our e-mails, but doesn't belong to this page. Press the link in the e-mail as it stands "
        "there."
    ),
)
OTHER_SITE = Notice(
    "other-site",
    404,
    _("This link belongs to another site"),
    _("“%(list)s” is a list of %(site)s. Follow the link below to continue there."),
)
GONE = Notice(
    "gone",
    404,
    _("There is nothing here any more"),
    _(
        "What this link belongs to has been deleted, so that nothing is sent because of it. To get our e-mails again, "
        "subscribe on our site."
    ),
)
LEFT_LIST = Notice(
    "left-list", 200, _("You are unsubscribed"), _("%(address)s gets no more e-mails from “%(list)s”."), is_good=True
)
LEFT_ALL = Notice(
    "left-all",
    200,
    _("You are unsubscribed"),
    _(
        "%(address)s gets no more newsletters, offers or requests for a review from %(site)s. What belongs to an "
        "order, such as its receipt, is still sent."
    ),
    is_good=True,
)
