"""What the segments room brings: the sources below it."""

from __future__ import annotations

from wagtail_flows.segments.compiling import register as register_source
from wagtail_flows.segments.sources.contact import ContactSource
from wagtail_flows.segments.sources.happenings import HappeningSource
from wagtail_flows.segments.sources.lists import ListSource
from wagtail_flows.segments.sources.properties import PropertySource
from wagtail_flows.segments.sources.segments import SegmentSource


SOURCES = (ContactSource(), PropertySource(), ListSource(), HappeningSource(), SegmentSource())


def register() -> None:
    """Called once, when the app is ready."""
    for source in SOURCES:
        register_source(source)
