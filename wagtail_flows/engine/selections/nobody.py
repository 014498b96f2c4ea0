"""Nobody: what starts this happens once, or is done by hand."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import QuerySet

from wagtail_flows.contacts.models import Contact
from wagtail_flows.engine.selections.selection import Selection
from wagtail_flows.engine.starting import Occasion


class NobodyAtAll(Selection):
    mark = "pk"
    contact = "pk"

    def rows(self) -> QuerySet[Any]:
        return Contact.objects.none()

    def occasions(self, marks: Sequence[int], contact_ids: Collection[int]) -> list[Occasion]:
        return []
