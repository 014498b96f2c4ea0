"""A tiny run of what the benchmarks stand on: the invented data, and both ways of asking."""

from datetime import UTC, datetime

import pytest

from django.core.management import CommandError, call_command
from django.db import connection

from benchmarks.asking import Asker, batch
from benchmarks.databases import UNTIL, name_of
from benchmarks.measuring import Row, in_turns
from benchmarks.segments import QUESTIONS, known
from benchmarks.table import summary, table
from wagtail_flows.contacts.address import key_hash, normalise
from wagtail_flows.contacts.models import Contact, Subscription
from wagtail_flows.events.models import Event
from wagtail_flows.lib import clock
from wagtail_flows.management.invented import Invention
from wagtail_flows.management.invented_world import LISTS, PROPERTIES, Around, Sizes
from wagtail_flows.shop.models import Order


CONTACTS = 300


@pytest.fixture
def _filled(db):
    call_command("flows_bench_data", contacts=CONTACTS, until=UNTIL, verbosity=0)


def _indexes() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE tablename LIKE 'wagtail_flows_%' ORDER BY 1")
        indexes = cursor.fetchall()
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conrelid::regclass::text LIKE 'wagtail_flows_%' ORDER BY 1"
        )
        return [*indexes, *cursor.fetchall()]


@pytest.mark.postgres
@pytest.mark.usefixtures("_filled")
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_the_rule_and_the_hand_written_sql_find_the_same_people(question):
    with clock.moved(UNTIL):
        Asker(question, known(UNTIL)).compare(batch(CONTACTS))


@pytest.mark.postgres
@pytest.mark.usefixtures("_filled")
def test_as_much_is_made_as_was_asked_for_and_in_order():
    assert (Contact.objects.count(), Event.objects.count(), Order.objects.count()) == (300, 3000, 600)
    assert Subscription.objects.count() > CONTACTS / 2
    assert not Event.objects.filter(matched_at=None).exists(), "they would start scenarios"
    for contact in Contact.objects.all()[:20]:
        assert (contact.key, contact.key_hash) == (normalise(contact.address), key_hash(contact.key))
    # The ids of what is made next come after.
    assert Order.objects.create(shop_id=Order.objects.first().shop_id, external_id="next").pk > 600


@pytest.mark.postgres
@pytest.mark.django_db
def test_indexes_and_constraints_are_back_as_they_were():
    before = _indexes()
    call_command("flows_bench_data", contacts=20, until=UNTIL, verbosity=0)
    assert _indexes() == before


@pytest.mark.postgres
@pytest.mark.usefixtures("_filled")
def test_a_database_with_contacts_is_refused_unless_told():
    with pytest.raises(CommandError, match="--among-others"):
        call_command("flows_bench_data", contacts=10)
    call_command("flows_bench_data", contacts=10, until=UNTIL, among_others=True, verbosity=0)
    assert Contact.objects.count() == CONTACTS + 10


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor == "postgresql", reason="about the others")
def test_other_databases_are_refused():
    with pytest.raises(CommandError, match="PostgreSQL"):
        call_command("flows_bench_data", contacts=10)


def _rows(seed: int) -> list:
    around = Around(
        lists=range(1, len(LISTS) + 1), properties=dict.fromkeys(PROPERTIES, 1), emails=["m"] * 24, shop=1,
        shop_public_id="s",
    )  # fmt: skip
    made = Invention(seed, datetime(2026, 1, 1, tzinfo=UTC), Sizes(50, 500, 100), around)
    tables = (made.contacts, made.suppressions, made.subscriptions, made.properties, made.lines, made.orders)
    return [list(rows()) for rows in (*tables, made.events)]


def test_the_same_seed_gives_the_same_rows_and_another_gives_others():
    assert _rows(1) == _rows(1)
    assert _rows(1) != _rows(2)


def test_medians_are_taken_in_turns_and_the_first_round_is_left_out():
    asked = []
    in_turns(lambda: asked.append("ours"), lambda: asked.append("rival"), rounds=2)
    assert asked == ["rival", "ours", "ours", "rival", "rival", "ours"]


def test_the_table_says_what_is_over():
    rows = [Row("count", "A", 0.3, 0.2, 1.5), Row("count", "B", 0.31, 0.2, 1.5, "a note")]
    assert "| count | A | 300.0 | 200.0 | 1.50 | 1.50 | ok |  |" in table(rows)
    assert "| count | B | 310.0 | 200.0 | 1.55 | 1.50 | **over** | a note |" in table(rows)
    assert summary(rows) == "1 of 2 are over what is allowed."


def test_databases_are_named_by_their_size():
    assert [name_of(size) for size in (1_000_000, 100_000, 1_234)] == ["bench_1m", "bench_100k", "bench_1234"]
