"""Selection: whom a trigger would have brought in already, found in portions and in order."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import QuerySet

from wagtail_flows.engine.starting import Occasion
from wagtail_flows.scenarios.live import ListeningTrigger


@dataclass(frozen=True)
class Selection(ABC):
    """Rows in the order of `mark`, a column of whole numbers, so that looking goes on where it stopped; each says who
    may come in.
    """

    mark: ClassVar[str]
    contact: ClassVar[str] = "contact_id"

    listener: ListeningTrigger

    @abstractmethod
    def rows(self) -> QuerySet[Any]:
        """Everything that may bring somebody in."""

    @abstractmethod
    def occasions(self, marks: Sequence[int], contact_ids: Collection[int]) -> list[Occasion]:
        """Why these (locked) contacts come in by the rows with these marks, with the subject and the occasion by which
        the trigger itself would have brought them. A constant number of queries.
        """

    def portion(self, after: int, most: int) -> list[tuple[int, int]]:
        """The marks and the contacts of the next rows."""
        rows = self.rows().filter(**{f"{self.mark}__gt": after}).order_by(self.mark)
        return list(rows.values_list(self.mark, self.contact)[:most])
