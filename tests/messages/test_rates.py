"""Rates and warm-up: how fast mail leaves. Tokens are taken before anything is leased."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from tests.messages.deliveries import MINUTE, NOW, a_contact, a_message, queued, states
from tests.together import at_the_same_time, without_errors
from wagtail_flows.contacts.suppressions import suppress
from wagtail_flows.lib import clock
from wagtail_flows.messages import reasons
from wagtail_flows.messages.deliver import deliver, next_due
from wagtail_flows.messages.leasing import lease
from wagtail_flows.messages.models import Delivery, ProviderRate, SendingDay, SendingRates, TokenBucket
from wagtail_flows.messages.rates import bucket
from wagtail_flows.messages.rates.bucket import Rate
from wagtail_flows.messages.rates.warming import WarmUp, today, tomorrow


SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
TODAY = NOW.date()


# Pure: buckets


def test_a_full_bucket_holds_ten_seconds_of_its_rate():
    rate = Rate(60)
    assert bucket.tokens(rate, bucket.full(rate, NOW), NOW) == 10
    assert bucket.tokens(rate, NOW - DAY, NOW) == 10
    assert bucket.tokens(Rate(1), bucket.full(Rate(1), NOW), NOW) == 1


def test_tokens_come_back_one_by_one():
    rate = Rate(60)
    spent = bucket.taken(rate, NOW - DAY, NOW, 10)
    assert [bucket.tokens(rate, spent, NOW + seconds * SECOND) for seconds in (0, 0.9, 1, 5, 99)] == [0, 0, 1, 5, 10]
    assert bucket.ready_at(rate, spent) == NOW + SECOND


def test_what_is_given_back_can_be_taken_again():
    rate = Rate(60)
    spent = bucket.given_back(rate, bucket.taken(rate, NOW - DAY, NOW, 10), 4)
    assert bucket.tokens(rate, spent, NOW) == 4


def test_a_bucket_in_the_future_is_empty_and_no_more():
    assert bucket.tokens(Rate(60), NOW + DAY, NOW) == 0


@given(
    a_minute=st.integers(1, 5000),
    asked=st.lists(st.tuples(st.integers(0, 30_000), st.integers(0, 50)), max_size=60),
)
def test_no_minute_ever_gets_more_than_its_rate_and_one_burst(a_minute, asked):
    rate, spent, gone = Rate(a_minute), NOW - DAY, []
    moment = NOW
    for milliseconds, wanted in asked:
        moment += timedelta(milliseconds=milliseconds)
        count = min(wanted, bucket.tokens(rate, spent, moment))
        spent = bucket.taken(rate, spent, moment, count)
        gone.append((moment, count))
    for begin, _count in gone:
        within = sum(count for at, count in gone if begin <= at < begin + MINUTE)
        assert within <= a_minute + rate.burst


@given(a_minute=st.integers(1, 5000), ago=st.integers(0, 10**9), take=st.integers(0, 800))
def test_taking_and_giving_back_leaves_as_many(a_minute, ago, take):
    rate, spent = Rate(a_minute), NOW - timedelta(microseconds=ago)
    before = bucket.tokens(rate, spent, NOW)
    count = min(take, before)
    after = bucket.taken(rate, spent, NOW, count)
    assert bucket.tokens(rate, after, NOW) == before - count
    assert bucket.tokens(rate, bucket.given_back(rate, after, count), NOW) == before


# Pure: warming up


PLAN = WarmUp(date(2030, 5, 1), first=50, growth=100, until=1000)


@pytest.mark.parametrize(
    ("day", "cap"),
    [(date(2030, 4, 30), None), (date(2030, 5, 1), 50), (date(2030, 5, 3), 200), (date(2030, 5, 5), 800)],
)
def test_each_day_of_a_warm_up_has_its_cap(day, cap):
    assert PLAN.cap(day) == cap


@pytest.mark.parametrize("day", [date(2030, 5, 6), date(2031, 5, 6), date(9999, 12, 31)])
def test_a_warm_up_ends(day):
    assert PLAN.cap(day) is None


@given(
    first=st.integers(1, 10_000), growth=st.integers(1, 400), until=st.integers(1, 1_000_000), days=st.integers(0, 90)
)
def test_a_cap_never_falls_until_there_is_none(first, growth, until, days):
    plan = WarmUp(date(2030, 5, 1), first, growth, until)
    caps = [plan.cap(plan.starts_on + number * DAY) for number in range(days + 1)]
    known = [cap for cap in caps if cap is not None]
    assert known == sorted(known)
    assert caps == known + [None] * (len(caps) - len(known))
    assert all(cap < until for cap in known)


def test_a_day_is_that_of_the_sites_clock():
    night = datetime(2030, 5, 17, 22, 30, tzinfo=UTC)
    zone = __import__("zoneinfo").ZoneInfo("Europe/Paris")
    assert today(night, zone) == date(2030, 5, 18)
    assert tomorrow(night, zone) == datetime(2030, 5, 18, 22, tzinfo=UTC)
    spring = datetime(2030, 3, 30, 23, 30, tzinfo=UTC)
    assert tomorrow(spring, zone) == datetime(2030, 3, 31, 22, tzinfo=UTC)


# With mail


@pytest.fixture
def at_noon(wagtail_site):
    with clock.moved(NOW):
        yield


@pytest.fixture
def news(at_noon):
    return a_message("News")


def rates(**values: object) -> SendingRates:
    return SendingRates.objects.update_or_create(defaults=values)[0]


def some(count: int, message, domain: str = "example.org", **values) -> list[Delivery]:
    return [queued(a_contact(f"p{number}@{domain}"), message.translation_key, **values) for number in range(count)]


def sent_at(moment: datetime) -> int:
    with clock.moved(moment):
        return deliver(moment)


@pytest.mark.django_db
def test_a_stream_sends_no_more_than_its_rate(rude_server, news):
    rates(commercial_a_minute=12)
    some(5, news)
    assert sent_at(NOW) == 2
    assert next_due(NOW) == NOW + 5 * SECOND
    assert sent_at(NOW + 4 * SECOND) == 0
    assert sent_at(NOW + 5 * SECOND) == 1
    assert sent_at(NOW + MINUTE) == 2
    assert set(Delivery.objects.values_list("attempts", "reason", "lease_token")) == {(1, "", None)}


@pytest.mark.django_db
def test_transactional_mail_does_not_wait_for_the_commercial_rate(rude_server, news):
    rates(commercial_a_minute=6)
    some(3, news)
    receipt = a_message("Receipt", stream="transactional", basis="transaction")
    urgent = some(3, receipt, "example.net")
    assert sent_at(NOW) == 4
    assert states(*urgent) == ["sent"] * 3


@pytest.mark.django_db
def test_a_developer_says_what_a_mail_server_takes(rude_server, news, settings):
    settings.FLOWS_TRANSPORT_RATES = {"default": 18, "other": 1}
    some(2, a_message("Receipt", stream="transactional", basis="transaction"), "example.net")
    some(2, news)
    assert sent_at(NOW) == 3
    assert Counter(mail.recipients[0].rpartition("@")[2] for mail in rude_server.accepted) == {
        "example.net": 2,
        "example.org": 1,
    }


@pytest.mark.django_db
def test_a_provider_that_has_had_enough_holds_up_nobody_else(rude_server, news):
    ProviderRate.objects.create(rates=rates(), domain="gmail.com", a_minute=12)
    some(5, news, "gmail.com", due_at=NOW - MINUTE)
    some(4, news, "googlemail.com", due_at=NOW - MINUTE)
    some(6, news)
    assert sent_at(NOW) == 8
    taken = Counter(mail.recipients[0].rpartition("@")[2] for mail in rude_server.accepted)
    assert taken["example.org"] == 6
    assert taken["gmail.com"] + taken["googlemail.com"] == 2
    assert next_due(NOW) == NOW + 5 * SECOND
    assert sent_at(NOW + 5 * SECOND) == 1


@pytest.mark.django_db
def test_every_provider_may_have_a_rate(rude_server, news, settings):
    settings.FLOWS_PROVIDER_RATES = {"*": 6, "gmail.com": 60}
    for domain in ("example.org", "example.net", "orange.fr", "wanadoo.fr", "gmail.com"):
        some(3, news, domain)
    assert sent_at(NOW) == 3 + 3
    assert Counter(mail.recipients[0].rpartition("@")[2] for mail in rude_server.accepted)["gmail.com"] == 3


@pytest.mark.django_db
def test_tokens_of_what_a_gate_held_back_are_given_back(rude_server, news):
    rates(commercial_a_minute=18, provider_a_minute=18)
    skipped, *_others = some(5, news)
    suppress(skipped.contact, "commercial", "unsubscribed")
    assert sent_at(NOW) == 4
    assert len(rude_server.accepted) == 3


@pytest.mark.django_db
def test_a_server_that_is_away_costs_no_tokens(rude_server, news):
    rates(commercial_a_minute=18)
    some(3, news)
    rude_server.at("connect", "554 not you")
    assert sent_at(NOW) == 0
    row = TokenBucket.objects.get(key="stream:commercial")
    assert bucket.tokens(Rate(18), row.spent_until, NOW) == 3


@pytest.mark.django_db
def test_tokens_are_taken_before_anything_is_leased(news):
    rates(commercial_a_minute=12)
    some(5, news)
    first = lease("email", "commercial", NOW)
    assert first is not None
    assert len(first.deliveries) == 2
    assert lease("email", "commercial", NOW) is None
    assert Delivery.objects.filter(lease_token=None).count() == 3


@pytest.mark.django_db
def test_a_clock_that_was_in_the_future_shuts_no_bucket(rude_server, news):
    rates(commercial_a_minute=6)
    some(3, news)
    assert sent_at(NOW + 30 * DAY) == 1
    assert sent_at(NOW) == 0
    assert sent_at(NOW + 10 * SECOND) == 1


@pytest.mark.django_db
def test_buckets_that_nobody_takes_from_are_forgotten(rude_server, news):
    rates(provider_a_minute=60)
    some(1, news, "example.net")
    sent_at(NOW)
    with clock.moved(NOW + 3 * DAY):
        some(1, news, "example.org")
        deliver(NOW + 3 * DAY)
    assert list(TokenBucket.objects.values_list("key", flat=True)) == ["provider:example.org"]


@pytest.mark.django_db
def test_without_rates_a_lease_asks_for_nothing_more_than_them(news):
    some(2, news)
    with CaptureQueriesContext(connection) as queries:
        assert lease("email", "commercial", NOW) is not None
    assert sum("sendingrates" in query["sql"] for query in queries) == 1
    assert not [query for query in queries if "tokenbucket" in query["sql"] or "sendingday" in query["sql"]]


@pytest.mark.django_db
def test_the_cost_of_a_lease_does_not_depend_on_its_size(news):
    rates(commercial_a_minute=6000, provider_a_minute=6000)
    for number in range(12):
        some(1, news, f"example{number}.org")

    def cost(count: int) -> int:
        Delivery.objects.order_by("pk")[:0]
        with CaptureQueriesContext(connection) as queries:
            found = lease("email", "commercial", NOW)
        assert found is not None
        assert len(found.deliveries) == count
        Delivery.objects.update(lease_token=None, leased_until=None)
        return len(queries)

    cost(12)  # makes the rows
    many = cost(12)
    Delivery.objects.exclude(pk=Delivery.objects.order_by("pk").first().pk).delete()
    assert cost(1) == many


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_share_the_tokens(rude_server, news, settings):
    settings.FLOWS_DELIVERY_BATCH_SIZE = 2
    rates(commercial_a_minute=42, provider_a_minute=30)
    some(20, news)
    some(4, news, "example.net")
    without_errors(at_the_same_time(*[lambda: deliver(NOW)] * 3))
    taken = Counter(mail.recipients[0].rpartition("@")[2] for mail in rude_server.accepted)
    assert taken["example.org"] <= 5
    assert taken["example.net"] <= 4
    assert len(rude_server.accepted) == 7


# Warming up


def warm_up(first: int, growth: int = 100, starts_on: date = TODAY, until: int = 1000) -> None:
    rates(warm_up_starts_on=starts_on, warm_up_first=first, warm_up_growth=growth, warm_up_until=until)


@pytest.mark.django_db
def test_what_is_over_the_days_cap_waits_until_tomorrow_and_the_oldest_goes_first(rude_server, news):
    warm_up(first=2)
    old = some(5, news, due_at=NOW - MINUTE)
    assert sent_at(NOW) == 2
    assert states(*old) == ["sent", "sent", "queued", "queued", "queued"]
    assert set(Delivery.objects.filter(status="queued").values_list("reason", flat=True)) == {reasons.WARM_UP}
    morning = next_due(NOW)
    assert morning == datetime(2030, 5, 17, 22, tzinfo=UTC)
    assert sent_at(morning) == 3
    new = some(5, news, "example.net", due_at=morning)
    assert sent_at(morning + MINUTE) == 1
    assert states(*new) == ["sent", "queued", "queued", "queued", "queued"]
    days = SendingDay.objects.order_by("day").values_list("day", "count")
    assert list(days) == [(date(2030, 5, 17), 2), (date(2030, 5, 18), 4)]


@pytest.mark.django_db
def test_transactional_mail_needs_no_warm_up(rude_server, at_noon):
    warm_up(first=1)
    some(3, a_message("Receipt", stream="transactional", basis="transaction"))
    assert sent_at(NOW) == 3


@pytest.mark.django_db
def test_what_was_not_sent_does_not_use_up_the_day(rude_server, news):
    warm_up(first=2)
    skipped, *_others = some(3, news)
    suppress(skipped.contact, "commercial", "unsubscribed")
    sent_at(NOW)
    assert len(rude_server.accepted) == 2
    assert SendingDay.objects.get().count == 2


@pytest.mark.django_db
def test_before_and_after_the_plan_there_is_no_cap(rude_server, news):
    warm_up(first=1, starts_on=NOW.date() + DAY)
    some(3, news)
    assert sent_at(NOW) == 3
    warm_up(first=1, starts_on=NOW.date() - 30 * DAY)
    some(3, news, "example.net")
    assert sent_at(NOW) == 3


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_share_the_day(rude_server, news, settings):
    settings.FLOWS_DELIVERY_BATCH_SIZE = 2
    warm_up(first=5)
    some(12, news)
    without_errors(at_the_same_time(*[lambda: deliver(NOW)] * 3))
    assert len(rude_server.accepted) == 5
    assert SendingDay.objects.get().count == 5


@pytest.mark.django_db
@pytest.mark.parametrize("missing", ["starts_on", "first", "growth", "until"])
def test_a_warm_up_needs_all_four(missing):
    values = {"starts_on": NOW.date(), "first": 1, "growth": 50, "until": 100, missing: None}
    row = SendingRates(**{f"warm_up_{name}": value for name, value in values.items()})
    with pytest.raises(ValidationError) as refusal:
        row.full_clean()
    assert list(refusal.value.message_dict) == [f"warm_up_{missing}"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "kept"), [("Gmail.com", "gmail.com"), (" x@Orange.FR ", "orange.fr"), ("gmail", None), ("a b.com", None)]
)
def test_a_provider_is_named_by_a_domain(typed, kept):
    row = ProviderRate(rates=rates(), domain=typed, a_minute=1)
    if kept is None:
        with pytest.raises(ValidationError):
            row.full_clean()
    else:
        row.full_clean()
        assert row.domain == kept
