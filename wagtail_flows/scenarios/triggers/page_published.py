"""Trigger: a page was published below a chosen one. It names no contact, so the audience says who comes in."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_flows.scenarios.reading import Reader
from wagtail_flows.scenarios.reentry import Often, read_reentry, with_reentry, write_reentry
from wagtail_flows.scenarios.references import Reference, References, Target
from wagtail_flows.scenarios.trigger import Trigger


LARGEST_ID = 2**31 - 1


@dataclass(frozen=True, kw_only=True)
class PageTrigger(Trigger):
    """`below`: the id of a page, its path where things are called by name; None is any page. A page that is published
    again counts by the re-entry rule.
    """

    kind: ClassVar[str] = "page_published"
    label: ClassVar[Any] = gettext_lazy("Page published")

    below: int | str | None = None

    @classmethod
    def read(cls, fields: Reader, *, id: str) -> Self:  # noqa: A002
        return cls(id=id, below=_read_page(fields), reentry=read_reentry(fields, default=Often.ONCE_PER_SUBJECT))

    def write(self) -> dict[str, Any]:
        return {"below": self.below, "reentry": write_reentry(self.reentry)}

    def hears_of(self, ancestor_ids: Collection[int]) -> bool:
        """Whether a page with these ancestors (itself not among them) starts it."""
        return self.below is None or self.below in ancestor_ids

    def references(self) -> Iterable[Reference]:
        if self.below is not None:
            yield Reference(self.id, "below", Target.PAGE, str(self.below))

    def sentence(self, names: References) -> str:
        if self.below is None:
            return with_reentry(_("When any page is published"), self.reentry)
        told = _("When a page below “%(page)s” is published")
        return with_reentry(told % {"page": names.name_of(Target.PAGE, str(self.below))}, self.reentry)


def _read_page(fields: Reader) -> int | str | None:
    if not fields.has("below"):
        return None
    return fields.text("below") if fields.by_name else fields.integer("below", minimum=1, maximum=LARGEST_ID)
