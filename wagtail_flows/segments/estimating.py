"""How many, where counting everybody takes too long: a random few thousand are asked, and their share is taken of all.

The planner's own estimate is a guess of another kind: by hundreds of times too low or too high for what the data of
events says, several properties at once, and sums. Three thousand people tell a share of 10 % to within a tenth.
"""

from __future__ import annotations

import random

from collections.abc import Callable, Collection, Sequence

from django.db.models import Max, Min

from wagtail_flows.contacts.models import Contact
from wagtail_flows.lib.among import among
from wagtail_flows.lib.time_budget import TookTooLong, within


Matching = Callable[[Sequence[int]], Collection[int]]

PORTION = 1_000
PORTIONS = 3
# Ids may be of contacts that were erased: so many are drawn for each that is wanted.
DRAWN = 4
SECONDS = 1.0


def estimated(matching: Matching) -> int | None:
    """About how many contacts `matching` would find among all; None where the sample has nobody, or takes too long."""
    asked = found = 0
    try:
        with within(SECONDS):
            total = Contact.objects.count()
            for _portion in range(PORTIONS):
                ids = _drawn()
                asked, found = asked + len(ids), found + len(matching(ids))
    except TookTooLong:
        pass  # the portions that came in time are a sample too
    return round(total * found / asked) if found else None


def _drawn() -> list[int]:
    """Some contacts, any as likely as any other as far as their ids are spread evenly."""
    ends = Contact.objects.aggregate(first=Min("pk"), last=Max("pk"))
    if ends["first"] is None:
        return []
    wanted = {random.randint(ends["first"], ends["last"]) for _number in range(PORTION * DRAWN)}  # noqa: S311  (a sample, no secret)
    known = list(Contact.objects.filter(among("pk", sorted(wanted))).order_by().values_list("pk", flat=True))
    # Databases answer with the oldest first, so not simply the first of them.
    return random.sample(known, min(PORTION, len(known)))
