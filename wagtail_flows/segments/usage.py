"""What uses a segment: other segments here; rooms above register theirs with `lib.admin_deletion.register_use`."""

from __future__ import annotations

from collections.abc import Iterator

from wagtail_flows.contacts.models import MailingList, Property
from wagtail_flows.segments.models import Segment
from wagtail_flows.segments.references import texts_in
from wagtail_flows.segments.sources.properties import PREFIX


def segments_naming(segment: Segment) -> Iterator[Segment]:
    """Segments whose rule asks this one."""
    for other in _naming(str(segment.public_id)):
        if other.pk != segment.pk:
            yield other


def segments_naming_list(mailing_list: MailingList) -> Iterator[Segment]:
    """Segments whose rule asks about the list."""
    yield from _naming(str(mailing_list.public_id))


def segments_naming_property(known: Property) -> Iterator[Segment]:
    """Segments whose rule asks about the property."""
    yield from _naming(PREFIX + known.name)


def _naming(text: str) -> Iterator[Segment]:
    for segment in Segment.objects.filter(kind=Segment.Kind.RULE):
        if text in texts_in(segment.rule):
            yield segment
