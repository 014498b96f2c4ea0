"""Orphans: deliveries that nobody will ever hand over, because the package that brought their channel was removed."""

from __future__ import annotations

from collections.abc import Iterator

from wagtail_flows.messages.channels import port
from wagtail_flows.messages.delivery_models import Delivery, Stream


def orphaned_queues() -> list[tuple[str, Stream]]:
    """Each channel and stream that deliveries are queued for and that no installed package brings. A constant number of
    indexed questions for each channel, however long its queue is.
    """
    known = {(channel.name, stream) for channel in port.all_channels() for stream in channel.streams}
    queued = Delivery.objects.filter(status=Delivery.Status.QUEUED)
    return [
        (name, stream)
        for name in _channels_in_queue()
        for stream in Stream
        if (name, stream) not in known and queued.filter(channel=name, stream=stream).exists()
    ]


def channel_choices() -> list[tuple[str, str]]:
    """Every channel with its label, for filters, and those that something still waits for."""
    known = port.choices()
    return known + [(name, name) for name in _channels_in_queue() if not port.is_known(name)]


def _channels_in_queue() -> Iterator[str]:
    """From one to the next over the index of the queue: SELECT DISTINCT would read all of it."""
    rows = Delivery.objects.filter(status=Delivery.Status.QUEUED).order_by("channel").values_list("channel", flat=True)
    name = rows.first()
    while name is not None:
        yield name
        name = rows.filter(channel__gt=name).first()
