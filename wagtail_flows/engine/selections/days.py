"""Whose day it is: the time of the day had passed already when the scenario was published."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from wagtail_flows.contacts.models import ContactProperty
from wagtail_flows.engine.selections.selection import Selection
from wagtail_flows.engine.starting import Occasion
from wagtail_flows.engine.sweeping_dates import Due, occasions_of, passed_today, whose_day
from wagtail_flows.scenarios.triggers.date import DateTrigger


@dataclass(frozen=True)
class Days(Selection):
    """Those of today, in each one's zone, as it was `at` the moment of publishing; the sweep does what comes later."""

    mark = "contact_id"

    trigger: DateTrigger
    at: datetime

    def rows(self) -> QuerySet[ContactProperty]:
        conditions = [whose_day(self.trigger, due) for due in self._dues()]
        return ContactProperty.objects.filter(reduce(or_, conditions) if conditions else Q(pk__in=()))

    def _dues(self) -> list[Due]:
        return list(passed_today(self.trigger, self.at))

    def occasions(self, marks: Sequence[int], contact_ids: Collection[int]) -> list[Occasion]:
        return [one for due in self._dues() for one in occasions_of(self.trigger, due, contact_ids)]
