"""Gates: what is asked once more at the moment a mail is handed over.

Days lie between queueing and handing over; in between people leave, scenarios are paused, addresses die. A gate looks
at deliveries (a whole batch first, then each one again in the transaction that begins it) and answers for those that
must not go now:

    Skip(reason)         never: the delivery ends as `skipped`
    Hold(until, reason)  not now: it stays `queued` and is asked again at `until`

A brake is asked only about what every gate lets through, and once for a batch: it may cost more, and be late by one.
An ear hears what was handed over, once for a batch.

`reason` is a code of `messages.reasons`. A gate is called often: a constant number of queries, whatever the size of the
batch. Rooms above register their own (the engine: pause, exit); where several object, any Skip wins over any Hold, then
the first registered.

Asking them all again between two mails costs more than the mail. So a gate may say in SQL, with a `doubt`, which
deliveries it could have changed its mind about. One statement asks all doubts, and the gates themselves are asked again
only about a delivery that one of them doubts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from wagtail_flows.messages.delivery_models import Delivery


@dataclass(frozen=True, slots=True)
class Skip:
    """Never hand this one over."""

    reason: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Not before `until` (aware); then the gates are asked again."""

    until: datetime
    reason: str


Verdict = Skip | Hold
Gate = Callable[[Sequence[Delivery]], Mapping[int, Verdict]]

# A condition on deliveries: true of each that the gate objects to, perhaps of others too. It depends on rows
# only, and is the same each time.
Doubt = Callable[[], Q]
# Whether the gate takes a lock when it is asked about this one again.
Locks = Callable[[Delivery], bool]
Ear = Callable[[Sequence[Delivery]], None]

_gates: list[Gate] = []
_doubts: dict[Gate, Doubt] = {}
_locks: dict[Gate, Locks] = {}
_brakes: list[Gate] = []
_ears: list[Ear] = []


def register(gate: Gate, doubt: Doubt | None = None, *, locks: Locks | None = None) -> None:
    """Ask `gate` too at every hand-over: deliveries in, verdicts by primary key out. Registering it again changes
    nothing.

    Without a `doubt` it is asked again between any two mails, so then it should cost next to nothing; where it `locks`,
    in the transaction that begins the mail, else just before.
    """
    if gate not in _gates:
        _gates.append(gate)
        if locks is not None:
            _locks[gate] = locks
        if doubt is not None:
            _doubts[gate] = doubt


def doubters() -> tuple[Doubt, ...]:
    """The doubts of all gates that have one."""
    return tuple(_doubts[gate] for gate in _gates if gate in _doubts)


def takes_a_lock(delivery: Delivery) -> bool:
    """Whether a gate locks something for this one until it is begun."""
    return any(_locks[gate](delivery) for gate in _gates if gate in _locks)


def is_objected_to(delivery: Delivery) -> bool:
    """Whether a gate without a doubt objects to this one, which all have let through before."""
    return any(gate([delivery]) for gate in _gates if gate not in _doubts)


def register_brake(brake: Gate) -> None:
    """Ask `brake` about what the gates let through of a batch. Registering it again changes nothing."""
    if brake not in _brakes:
        _brakes.append(brake)


def register_ear(ear: Ear) -> None:
    """Tell `ear` what was handed over of a batch, however it ended. Registering it again changes nothing."""
    if ear not in _ears:
        _ears.append(ear)


def screen(deliveries: Sequence[Delivery]) -> dict[int, Verdict]:
    """What stands against these deliveries of one batch: gates first, then brakes about the rest."""
    found = verdicts(deliveries)
    for brake in _brakes:
        left = [one for one in deliveries if one.pk not in found]
        found |= brake(left) if left else {}
    return found


def tell_begun(deliveries: Sequence[Delivery]) -> None:
    """Let the ears hear of what was handed over."""
    for ear in _ears if deliveries else ():
        ear(deliveries)


def verdicts(deliveries: Sequence[Delivery]) -> dict[int, Verdict]:
    """What stands against these deliveries, by primary key; those that may go are not in it."""
    found: dict[int, Verdict] = {}
    for pk, verdict in _all_verdicts(deliveries):
        if pk not in found or (isinstance(found[pk], Hold) and isinstance(verdict, Skip)):
            found[pk] = verdict
    return found


def _all_verdicts(deliveries: Sequence[Delivery]) -> Iterator[tuple[int, Verdict]]:
    for gate in _gates:
        yield from gate(deliveries).items()
