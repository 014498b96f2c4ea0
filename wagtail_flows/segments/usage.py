"""What uses a segment: other segments here; rooms above register theirs with `lib.admin_deletion.register_use`."""

from __future__ import annotations

from collections.abc import Iterator

from wagtail_flows.segments.models import Segment
from wagtail_flows.segments.references import texts_in


def segments_naming(segment: Segment) -> Iterator[Segment]:
    """Segments whose rule asks this one."""
    key = str(segment.public_id)
    for other in Segment.objects.filter(kind=Segment.Kind.RULE).exclude(pk=segment.pk):
        if key in texts_in(other.rule):
            yield other
