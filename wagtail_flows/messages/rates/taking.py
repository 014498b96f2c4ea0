"""Taking tokens before deliveries are leased, and giving back those that weren't needed.

    shared buckets, and the day's cap    say how many may be leased at all
    buckets of providers                 say whose mail is left out, and how many of each provider's stay

The rows of the buckets are locked, ordered by key, in the transaction of the lease: two workers take one after the
other, and what is rolled back wasn't taken. Times are those of the clock at this moment, so that tokens come while a
worker goes on. A worker that is killed has used what it took.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Greatest
from django.utils import timezone

from wagtail_flows.lib import clock
from wagtail_flows.lib.db import locked
from wagtail_flows.messages import reasons
from wagtail_flows.messages.delivery_models import EMAIL, Delivery
from wagtail_flows.messages.providers import PROVIDERS, provider_of
from wagtail_flows.messages.rates import bucket
from wagtail_flows.messages.rates.bucket import Rate
from wagtail_flows.messages.rates.limits import Rates, rates_of
from wagtail_flows.messages.rates.models import SendingDay, TokenBucket
from wagtail_flows.messages.rates.warming import today, tomorrow


PROVIDER = "provider:"
# A bucket that wasn't taken from for so long is full, so its row isn't needed.
FORGOTTEN_AFTER = timedelta(days=1)
# Clocks of two machines may differ by so much.
AHEAD = timedelta(minutes=1)
_DOMAINS = {provider.name: provider.domains for provider in PROVIDERS}


@dataclass(slots=True)
class Purse:
    """What one lease may take: `most` at all, nothing for the domains that are `dry`. `taken` counts, by key of the
    bucket; `day` is the day that they count for while the stream warms up.
    """

    rates: Rates
    now: datetime
    most: int
    dry: frozenset[str] = frozenset()
    is_day_over: bool = False
    taken: Counter[str] = field(default_factory=Counter)
    _buckets: dict[str, TokenBucket] = field(default_factory=dict)

    def take(self, rows: Iterable[tuple[int, str]]) -> list[int]:
        """Take for these deliveries (primary key and domain); those for which there was enough."""
        wanted = list(rows)
        if not self.rates or not wanted:
            return [pk for pk, _domain in wanted]
        keys = {domain: PROVIDER + provider_of(domain).name for _pk, domain in wanted}
        limited = {key: rate for key in keys.values() if (rate := _rate(self.rates, key)) is not None}
        self._buckets |= _locked_buckets(limited, self.now)
        left = {key: bucket.tokens(rate, self._buckets[key].spent_until, self.now) for key, rate in limited.items()}
        got: list[int] = []
        for pk, domain in wanted:
            key = keys[domain]
            if key in limited and self.taken[key] >= left[key]:
                continue
            self.taken[key] += 1
            got.append(pk)
        self._spend(len(got), limited)
        return got

    def _spend(self, count: int, limited: Mapping[str, Rate]) -> None:
        self.taken.update(dict.fromkeys(self.rates.shared, count))
        for key, rate in {**self.rates.shared, **limited}.items():
            row = self._buckets[key]
            row.spent_until = bucket.taken(rate, row.spent_until, self.now, self.taken[key])
            row.ready_at = bucket.ready_at(rate, row.spent_until)
        TokenBucket.objects.bulk_update(self._buckets.values(), ["spent_until", "ready_at"])
        if self.rates.warm_up is not None:
            _days(self.rates, self.now).update(count=F("count") + count)


def open_purse(rates: Rates, now: datetime, most: int) -> Purse:
    """What may be leased of a stream at most. In the transaction of the lease."""
    if not rates:
        return Purse(rates, now, most)
    buckets = _locked_buckets(rates.shared, now)
    rooms = [bucket.tokens(rate, buckets[key].spent_until, now) for key, rate in rates.shared.items()]
    left_today = _left_today(rates, now)
    return Purse(
        rates,
        now,
        min([most, *rooms, *([] if left_today is None else [left_today])]),
        frozenset(dry_domains(rates, now)),
        is_day_over=left_today == 0,
        _buckets=buckets,
    )


def give_back(purse: Purse, unused: Collection[Delivery]) -> None:
    """Give back what was taken for deliveries that the mail system never heard of."""
    if not unused or not purse.rates:
        return
    back = Counter({key: len(unused) for key in purse.rates.shared})
    back += Counter(PROVIDER + provider_of(one.domain).name for one in unused)
    rates = {key: rate for key in back if (rate := _rate(purse.rates, key)) is not None}
    with transaction.atomic():
        rows = list(locked(TokenBucket.objects.filter(key__in=rates).order_by("key")))
        for row in rows:
            row.spent_until = bucket.given_back(rates[row.key], row.spent_until, back[row.key])
            row.ready_at = bucket.ready_at(rates[row.key], row.spent_until)
        TokenBucket.objects.bulk_update(rows, ["spent_until", "ready_at"])
        if purse.rates.warm_up is not None:
            _days(purse.rates, purse.now).update(count=Greatest(F("count") - len(unused), 0))


def wait_for_tomorrow(rates: Rates, now: datetime) -> int:
    """Let everything that is due in a stream wait for the next day: today's share of the warm-up is used up."""
    due = Delivery.objects.due(now).filter(channel=EMAIL, stream=rates.stream)
    waits_until = tomorrow(clock.now(), timezone.get_default_timezone())
    return int(due.update(due_at=waits_until, reason=reasons.WARM_UP, error=""))


def next_moment(channel: str, stream: str, waiting: QuerySet[Delivery]) -> datetime | None:
    """When the first of these deliveries of a stream is due and has its tokens; None where there are none."""
    rates, now = rates_of(channel, stream), clock.now()
    dry = dry_domains(rates, now)
    moments = [_first(waiting.exclude(domain__in=dry) if dry else waiting)]
    if dry and (first := _first(waiting.filter(domain__in=dry))):
        moments.append(max(first, min(dry.values())))
    found = min(filter(None, moments), default=None)
    return found if found is None else max([found, *_shared_ready_at(rates, now)])


def _first(waiting: QuerySet[Delivery]) -> datetime | None:
    return waiting.order_by("due_at").values_list("due_at", flat=True).first()


def dry_domains(rates: Rates, now: datetime) -> dict[str, datetime]:
    """The domains whose provider has no token now, with the moment when it has one."""
    if not rates.providers and rates.any_provider is None:
        return {}
    empty = TokenBucket.objects.filter(key__startswith=PROVIDER, ready_at__gt=now).values_list("key", "ready_at")
    names = ((key.removeprefix(PROVIDER), moment) for key, moment in empty)
    limited = ((name, moment) for name, moment in names if rates.of_provider(name) is not None)
    return {domain: moment for name, moment in limited for domain in _DOMAINS.get(name, (name,))}


def _shared_ready_at(rates: Rates, now: datetime) -> list[datetime]:
    """From when on there is a token in each of the shared buckets that are empty."""
    if not rates.shared:
        return []
    empty = TokenBucket.objects.filter(key__in=list(rates.shared), ready_at__gt=now)
    return list(empty.values_list("ready_at", flat=True))


def _rate(rates: Rates, key: str) -> Rate | None:
    return rates.shared.get(key) or (
        rates.of_provider(key.removeprefix(PROVIDER)) if key.startswith(PROVIDER) else None
    )


def _locked_buckets(rates: Mapping[str, Rate], now: datetime) -> dict[str, TokenBucket]:
    """The rows of these buckets, locked; made where they are missing."""
    if not rates:
        return {}
    rows = locked(TokenBucket.objects.filter(key__in=list(rates)).order_by("key"))
    found = {row.key: row for row in rows}
    _put_right(found.values(), rates, now)
    missing = sorted(rates.keys() - found.keys())
    if missing:
        TokenBucket.objects.filter(ready_at__lt=now - FORGOTTEN_AFTER).exclude(key__in=list(rates)).delete()
        moments = {key: bucket.full(rates[key], now) for key in missing}
        new = [TokenBucket(key=key, spent_until=moments[key], ready_at=now) for key in missing]
        TokenBucket.objects.bulk_create(new, ignore_conflicts=True)
        found = {row.key: row for row in rows.all()}
    return found


def _put_right(rows: Iterable[TokenBucket], rates: Mapping[str, Rate], now: datetime) -> None:
    """Empty, not shut for long, are the buckets that a moved clock has left in the future."""
    ahead = [row for row in rows if row.spent_until > now + AHEAD]
    for row in ahead:
        row.spent_until, row.ready_at = now, bucket.ready_at(rates[row.key], now)
    if ahead:
        TokenBucket.objects.bulk_update(ahead, ["spent_until", "ready_at"])


def _left_today(rates: Rates, now: datetime) -> int | None:
    """How many more may go today while the stream warms up; None where it doesn't."""
    cap = rates.warm_up.cap(_today(now)) if rates.warm_up else None
    if cap is None:
        return None
    row = locked(_days(rates, now)).first()
    if row is None:
        SendingDay.objects.bulk_create([SendingDay(stream=rates.stream, day=_today(now))], ignore_conflicts=True)
        row = locked(_days(rates, now)).get()
    return max(cap - row.count, 0)


def _days(rates: Rates, now: datetime) -> QuerySet[SendingDay]:
    return SendingDay.objects.filter(stream=rates.stream, day=_today(now))


def _today(now: datetime) -> date:
    return today(now, timezone.get_default_timezone())
