"""Channel: how deliveries leave. E-mail is one of them; queue, lease, gates, hand-over, back-off and doubt are the same
for all.

A channel is a value: what it is called, how a batch is prepared, and which line hands over. What can go wrong is said
in the words of `messages.replies`. Other packages return one from the Wagtail hook `register_flows_channel`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.functional import Promise

from wagtail_flows.exceptions import FlowsError
from wagtail_flows.messages.delivery_models import Delivery, Stream
from wagtail_flows.messages.gates import Skip
from wagtail_flows.messages.replies import Answer, Unavailable


LONGEST_NAME = 20  # characters, as the database keeps them
# How much trouble in a row a queue takes before it rests: two silences, or ten copies refused for the moment one after
# the other.
PATIENCE = 10


class Copy(Protocol):
    """What is handed over: a mail, a call, a text. `subject` is what the delivery is listed under."""

    @property
    def subject(self) -> Any: ...


class Line(Protocol):
    """The way to whoever takes the copies of one queue. Not for two threads."""

    @property
    def is_fresh(self) -> bool:
        """Whether `ready()` would have nothing to do."""
        ...

    def ready(self) -> Unavailable | None:
        """Open it, or see that it is still open. Says Unavailable when there is no getting through for anybody."""
        ...

    def hand_over(self, copy: Any, /) -> Answer:
        """Hand one over; every way that this can end is an Answer."""
        ...

    def close(self) -> None:
        """Let go of it; closing twice is fine."""
        ...


@dataclass(frozen=True, slots=True)
class Ready:
    """A delivery with its copy, to be handed over. `revision_id` is that of the e-mail it was made from, if any."""

    delivery: Delivery
    mail: Copy
    revision_id: int | None = None


@dataclass(frozen=True, slots=True)
class Spoiled:
    """A delivery whose copy couldn't be made, with what ends it."""

    delivery: Delivery
    answer: Answer | Skip


@dataclass(frozen=True, slots=True)
class Channel:
    """`name`: at most 20 characters, stored with each delivery. `prepare`: a batch in, one Ready or Spoiled for each
    out, in a constant number of queries; what it answers may make each one when it is asked for, without a query.
    `line`: makes the line of a stream, without opening it.

    `streams`: those it has a queue for. `patience`: after how many points of trouble in a row (see
    `handover.Trouble`) a queue rests; None: never, since its deliveries go to different places.
    `reaches_contact`: it writes to the contact, so what a contact may refuse is asked for it. `transport`: who takes
    the copies of a stream, as FLOWS_TRANSPORT_RATES names it; None: nobody who could be given too many.
    """

    name: str
    label: str | Promise
    prepare: Callable[[Sequence[Delivery]], Iterable[Ready | Spoiled]]
    line: Callable[[str], Line]
    streams: tuple[str, ...] = (Stream.TRANSACTIONAL,)
    patience: int | None = PATIENCE
    reaches_contact: bool = True
    transport: Callable[[str], str] | None = None


class ChannelTaken(FlowsError):
    """Another channel is registered under this name already, or the name is too long: give yours another one."""


_channels: dict[str, Channel] = {}


def register(channel: Channel) -> None:
    """Make a channel known. Registering the same one again changes nothing. Raises ChannelTaken."""
    if len(channel.name) > LONGEST_NAME or _channels.setdefault(channel.name, channel) != channel:
        raise ChannelTaken(f"{channel.name}: {ChannelTaken.__doc__}")


def all_channels() -> tuple[Channel, ...]:
    """Every channel, in the order in which they were registered."""
    return tuple(_channels.values())


def is_known(name: str) -> bool:
    """Whether there is a channel of this name."""
    return name in _channels


def reaches_contact(name: str) -> bool:
    """Whether the channel writes to contacts; of one that isn't installed any more the careful answer is yes."""
    return name not in _channels or _channels[name].reaches_contact


def transport(name: str, stream: str) -> str | None:
    """Who takes what the channel hands over in this stream, as FLOWS_TRANSPORT_RATES names it."""
    found = _channels[name].transport if name in _channels else None
    return found(stream) if found is not None else None


def label(name: str) -> str:
    """What people call the channel; one that isn't installed any more keeps its name."""
    return str(_channels[name].label) if name in _channels else name


def choices() -> list[tuple[str, str]]:
    """Every channel with its label."""
    return [(name, str(channel.label)) for name, channel in _channels.items()]
