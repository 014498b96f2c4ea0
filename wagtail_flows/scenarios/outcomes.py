"""Outcome: what a step decided. The engine acts on it; the step touches nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from wagtail_flows.contacts.list_verbs import ListVerb
from wagtail_flows.scenarios.filters import Where
from wagtail_flows.scenarios.values import Typed


@dataclass(frozen=True)
class Continue:
    """Go on through `outlet` at once. `seen`: values that decided, fit for JSON, kept to explain it."""

    outlet: str = "next"
    seen: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Wait:
    """Stay, and decide again at `until` (aware, UTC).

    `late`: how much later than `until` going on still makes sense (None: however late). The step judges it itself when
    it decides again; it is told here so that who explains a waiting enrollment can say it. `hangs_on`: the name of the
    property that the moment was computed from; when its value changes, the step decides again.
    """

    until: datetime
    late: timedelta | None = None
    hangs_on: str = ""


@dataclass(frozen=True)
class WaitForEvent:
    """Stay until an event of `kind` happens for which `where` holds and which is about the same subject, if so asked;
    then, or at `until` (aware, UTC) at the latest, decide again. `Situation.woken_by` tells which it was.
    """

    kind: str
    where: Where
    same_subject: bool
    until: datetime


@dataclass(frozen=True)
class Send:
    """Queue the message with translation key `message`, for the list with public id `mailing_list` (None: no list), and
    go on through `outlet`. `late`: how much later than now it is still worth sending (None: as the site's limits say).
    """

    message: str
    mailing_list: str | None = None
    outlet: str = "next"
    late: timedelta | None = None


@dataclass(frozen=True)
class Dispatch:
    """Queue a delivery by another channel than e-mail, and go on through `outlet`; handing over happens afterwards.

    `channel`: its name. `payload`: what the channel makes its copy of (JSON). `address`: where to, in the channel's own
    terms, "" for the contact's e-mail address. `basis`: why we may do it: `transaction` (nobody is asked), or
    `subscription` (of the list with public id `mailing_list`) and `existing_customer`, asked at the hand-over.
    """

    channel: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    address: str = ""
    basis: str = "transaction"
    mailing_list: str | None = None
    outlet: str = "next"


class PropertyVerb(StrEnum):
    SET = "set"
    CLEAR = "clear"
    ADD = "add"


@dataclass(frozen=True)
class Change:
    """Change the property `name` of the contact and go on through `outlet`. `value` is of its type; None for CLEAR.

    `seen`: as in Continue.
    """

    name: str
    verb: PropertyVerb
    value: Typed | None = None
    outlet: str = "next"
    seen: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ChangeSubscription:
    """Do `verb` to the contact and the list with public id `mailing_list`, and go on through `outlet`. `consent`: the
    wording of the consent that the contact gave elsewhere; "" where none was given.
    """

    mailing_list: str
    verb: ListVerb
    consent: str = ""
    outlet: str = "next"


@dataclass(frozen=True)
class Finish:
    """Leave with `reason`. The contact may come back from `reenter_after` (aware, UTC) on; None: never."""

    reason: str
    reenter_after: datetime | None = None


Outcome = Continue | Wait | WaitForEvent | Send | Dispatch | Change | ChangeSubscription | Finish
