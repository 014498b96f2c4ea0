"""What the segments room brings: the sources below it, and what their fields refer to."""

from __future__ import annotations

from django.db.models import QuerySet
from wagtail.models import Page
from wagtail.permission_policies.pages import PagePermissionPolicy

from wagtail_flows.contacts.models import MailingList
from wagtail_flows.events import happening_kinds, kinds
from wagtail_flows.segments import attention
from wagtail_flows.segments.compiling import register as register_source
from wagtail_flows.segments.models import Segment
from wagtail_flows.segments.references import Referred, Viewer
from wagtail_flows.segments.references import register as register_reference
from wagtail_flows.segments.sources.contact import ContactSource
from wagtail_flows.segments.sources.happenings import HappeningSource
from wagtail_flows.segments.sources.lists import ListSource
from wagtail_flows.segments.sources.properties import PREFIX, PropertySource
from wagtail_flows.segments.sources.segments import SegmentSource


SOURCES = (ContactSource(), PropertySource(), ListSource(), HappeningSource(), SegmentSource())


def _pages_for(user: Viewer) -> QuerySet[Page]:
    """Pages that the user finds in the explorer too, without the root of the tree."""
    return PagePermissionPolicy().explorable_instances(user).filter(depth__gt=1)


REFERENCES = (
    Referred("list", MailingList, MailingList.objects.all),
    Referred("segment", Segment, Segment.objects.all),
    Referred("page", Page, Page.objects.all, key="id", label="title", allowed=_pages_for),
)


def register() -> None:
    """Called once, when the app is ready."""
    for kind in happening_kinds.KINDS:
        kinds.register(kind)
    for source in SOURCES:
        # Properties are looked up only for rules that name one.
        register_source(source, PREFIX if isinstance(source, PropertySource) else "")
    for referred in REFERENCES:
        register_reference(referred)
    attention.register()
