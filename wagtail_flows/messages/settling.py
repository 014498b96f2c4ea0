"""Settling: how each state of a delivery is written. Every write names the lease's token and believes the number of
rows changed."""

from __future__ import annotations

import uuid

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, assert_never

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Greatest

from wagtail_flows.conf import conf
from wagtail_flows.contacts.models import Suppression
from wagtail_flows.contacts.suppressions import suppress
from wagtail_flows.lib.db import locked
from wagtail_flows.messages import reasons
from wagtail_flows.messages.delivery_models import EMAIL, Delivery
from wagtail_flows.messages.gates import Hold, Skip, Verdict
from wagtail_flows.messages.leasing import lease_end
from wagtail_flows.messages.reconciling import REPORTED_SENT
from wagtail_flows.messages.replies import Answer, PermanentRefusal, Sent, TemporaryRefusal, Unavailable, Unknown


Status = Delivery.Status

# After the first refusal a minute, then longer; the last one repeats. Eight attempts span about a day, as long as most
# servers greylist.
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360))
SHORTEST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(minutes=15)
# Who is told to come back later than that comes back then all the same.
LONGEST_WAIT = timedelta(days=1)
FREE = {"lease_token": None, "leased_until": None}


def begin(delivery: Delivery, token: uuid.UUID, now: datetime, *, subject: str, revision_id: int | None) -> bool:
    """queued → sending, to be committed before the mail system hears of it. False: the lease was lost, keep off.

    The lease is renewed: handing over may take as long as a whole lease, however late in the batch its turn came.
    """
    changed = (
        Delivery.objects.held_by(token)
        .filter(pk=delivery.pk, status=Status.QUEUED)
        .update(
            status=Status.SENDING,
            sending_at=now,
            leased_until=lease_end(),
            is_repeatable=delivery.is_repeatable,
            attempts=F("attempts") + 1,
            rendered_subject=subject[:250],
            message_revision_id=revision_id,
            reason="",
            error="",
        )
    )
    return bool(changed)


def withdraw(delivery: Delivery, token: uuid.UUID) -> int:
    """sending → queued, for one that was begun on paper only: nobody outside heard of it, so it costs no attempt.

    Also where `rescue` gave it up for uncertain in between. Changes nothing where the beginning was never committed.
    """
    begun = Delivery.objects.held_by(token).filter(pk=delivery.pk, status__in=(Status.SENDING, Status.UNCERTAIN))
    returned = _waiting(delivery.due_at, "", "") | {"attempts": Greatest(F("attempts") - 1, 0)}
    return begun.update(**returned)


def settle(delivery: Delivery, token: uuid.UUID, answer: Answer, now: datetime, *, was_begun: bool) -> str:
    """Write how handing over ended; with `was_begun` False, why it never began. An address that nobody has is
    suppressed. Answers with the status written.

    "" says that the lease was lost and nothing was written. What `rescue` gave up for uncertain in between is still
    ours to write: a late answer is an answer.
    """
    mine = Delivery.objects.held_by(token).filter(pk=delivery.pk)
    # Of an e-mail only: a notice about a contact goes to colleagues.
    if isinstance(answer, PermanentRefusal) and answer.is_dead and delivery.channel == EMAIL:
        # First, as contacts are locked before their deliveries everywhere; and whoever holds the lease, it is true.
        suppress(delivery.address, Suppression.Scope.ALL, Suppression.Reason.BOUNCED, note=answer.error)
    if isinstance(answer, Unknown):
        return _settle_unknown(mine, _written(delivery, answer, now, was_begun=was_begun), now)
    values = _written(delivery, answer, now, was_begun=was_begun)
    return str(values["status"]) if mine.update(**values) else ""


def _settle_unknown(mine: QuerySet[Delivery], values: dict[str, Any], now: datetime) -> str:
    """Nobody knows, unless the provider has reported it in the meantime."""
    with transaction.atomic():
        held = locked(mine).first()
        if held is not None and held.reason == REPORTED_SENT:
            values = reported_sent(now)
        return str(values["status"]) if mine.update(**values) else ""


def _written(delivery: Delivery, answer: Answer, now: datetime, *, was_begun: bool) -> dict[str, Any]:
    match answer:
        case Sent(provider_id):
            return {
                "status": Status.SENT,
                "ended_at": now,
                "provider_id": provider_id,
                "reason": "",
                "error": "",
            } | FREE
        case TemporaryRefusal(reason, error, wait):
            return _refused(delivery.attempts + 1, reason, error, now, wait)
        case PermanentRefusal(reason, error):
            return {"status": Status.FAILED, "ended_at": now, "reason": reason, "error": error} | FREE
        case Unknown(reason, error) if delivery.is_repeatable:
            return _refused(delivery.attempts + 1, reason, error, now)
        case Unknown(reason, error):
            # The token stays: whoever reconciles it can see that no other lease came in between.
            return {"status": Status.UNCERTAIN, "ended_at": now, "reason": reason, "error": error}
        case Unavailable(error):
            returned = _waiting(now + pause(delivery, now), reasons.SERVER_UNREACHABLE, error)
            return returned | ({"attempts": Greatest(F("attempts") - 1, 0)} if was_begun else {})
        case _:
            assert_never(answer)


def _refused(attempts: int, reason: str, error: str, now: datetime, wait: timedelta = timedelta(0)) -> dict[str, Any]:
    """Back to the queue for at least `wait`, or failed when the patience is over. `attempts` counts this one."""
    if attempts >= conf.MAX_ATTEMPTS:
        return {"status": Status.FAILED, "ended_at": now, "reason": reasons.GAVE_UP, "error": error} | FREE
    later = max(BACK_OFF[min(attempts, len(BACK_OFF)) - 1], min(wait, LONGEST_WAIT))
    return _waiting(now + later, reason, error) | {"attempts": attempts}


def _waiting(due_at: datetime, reason: str, error: str) -> dict[str, Any]:
    """Queued for later; `ended_at` is emptied for what was given up for uncertain in between."""
    return {"status": Status.QUEUED, "due_at": due_at, "reason": reason, "error": error, "ended_at": None} | FREE


def returned_by_rescue(now: datetime) -> dict[str, Any]:
    """sending → queued, for what a lost worker held and a second copy of which does no harm."""
    return _waiting(now + BACK_OFF[0], reasons.WORKER_LOST, "")


def reported_sent(now: datetime) -> dict[str, Any]:
    """sending → sent, for what its worker never learnt of and the provider has reported."""
    return {"status": Status.SENT, "ended_at": now, "reason": REPORTED_SENT, "error": ""} | FREE


def pause(delivery: Delivery, now: datetime) -> timedelta:
    """How long to leave an unreachable server alone: as long as this delivery has waited already, within a minute and a
    quarter hour.

    So the pauses double during an outage without anything being counted.
    """
    return min(max(now - delivery.queued_at, SHORTEST_PAUSE), LONGEST_PAUSE)


def postpone(channel: str, stream: str, now: datetime, until: datetime, error: str) -> int:
    """Let everything that is due in a queue wait until then, without counting an attempt: the server is the trouble,
    not the mails."""
    due = Delivery.objects.due(now).filter(channel=channel, stream=stream)
    return due.update(due_at=until, reason=reasons.SERVER_UNREACHABLE, error=error)


def apply_verdicts(verdicts: Mapping[int, Verdict], token: uuid.UUID, now: datetime) -> int:
    """Write what gates said of deliveries that wait under this lease: one statement for each different verdict. Answers
    how many ended."""
    ended = 0
    for verdict in set(verdicts.values()):
        ids = [pk for pk, one in verdicts.items() if one == verdict]
        changed = _object(ids, token, verdict, now)
        ended += changed if isinstance(verdict, Skip) else 0
    return ended


def _object(ids: Iterable[int], token: uuid.UUID, verdict: Verdict, now: datetime) -> int:
    waiting = Delivery.objects.held_by(token).filter(pk__in=list(ids), status=Status.QUEUED)
    match verdict:
        case Skip(reason):
            return waiting.update(status=Status.SKIPPED, ended_at=now, reason=reason, error="", **FREE)
        case Hold(until, reason):
            # A gate that holds until a moment that is over would be asked again at once, for ever.
            return waiting.update(**_waiting(max(until, now + SHORTEST_PAUSE), reason, ""))
        case _:
            assert_never(verdict)
