"""Who wins a random split: counted by the database, decided once, kept for as long as the split is the same."""

from __future__ import annotations

from datetime import timedelta

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.drawing import choosing, key
from tests.together import at_the_same_time, without_errors
from wagtail_flows import tasks
from wagtail_flows.engine import deciding_winners
from wagtail_flows.engine.models import Enrollment, SplitWinner, Visit
from wagtail_flows.lib import clock
from wagtail_flows.scenarios.models import Scenario


pytestmark = pytest.mark.django_db

HALVES = [{"outlet": "a", "weight": 1}, {"outlet": "b", "weight": 1}]
A_WEEK = {"amount": 7, "unit": "days"}


def split(by: str, sample: int = 2, way: str = "send thanks > exit", **fields):
    winner = {"by": by, "sample": sample, "after": A_WEEK, **fields}
    step = {"kind": "random_split", "branches": HALVES, "winner": winner}
    return choosing("placed every_time", step, a=way, b=way)


def comes(story, name: str) -> str:
    """The way that this person takes, coming in now."""
    contact = story.contact(name)
    story.happens("order.placed", contact, f"order:{name}:{story.now}")
    story.run()
    return Visit.objects.filter(step="choose", enrollment__contact=contact).latest("pk").outlet


def people(story, each: int = 3) -> dict[str, list]:
    """So many people have passed each branch."""
    found: dict[str, list] = {"a": [], "b": []}
    for number in range(200):
        if min(len(one) for one in found.values()) >= each:
            break
        outlet = comes(story, f"p{number}")
        found[outlet].append(story.contact(f"p{number}"))
    return {outlet: contacts[:each] for outlet, contacts in found.items()}


def decide(story) -> int:
    with clock.moved(story.now):
        return deciding_winners.decide(story.now)


def branches() -> dict[str, tuple[int, str]]:
    told = SplitWinner.objects.get().numbers["branches"]
    return {one["outlet"]: (one["people"], one["score"]) for one in told}


def test_before_its_time_the_weights_hold_and_then_everybody_new_takes_the_winner(story):
    story.publish_graph(split("clicks"))
    found = people(story)
    assert decide(story) == 0
    story.happens("message.clicked", found["b"][0], "", data={"message": key("thanks"), "by": "human"})
    story.now += timedelta(days=8)
    assert decide(story) == 1
    won = SplitWinner.objects.get()
    assert (won.outlet, won.doubt, won.decided_at, won.version) == (
        "b",
        "",
        story.now,
        Scenario.objects.get().current_version,
    )
    assert branches()["b"][1] == "1"
    assert {comes(story, f"new{number}") for number in range(8)} == {"b"}
    assert comes(story, found["a"][0].address.split("@")[0]) == "a"
    seen = Visit.objects.filter(step="choose").latest("pk").seen
    assert seen["answers"] == {"winner": "b", "taken": "a"}
    assert decide(story) == 0


@pytest.mark.parametrize("kind", ["message.opened", "message.clicked"])
def test_only_people_count_once_each_for_mail_of_the_same_passage_after_the_split(story, kind):
    made = story.publish_graph(split("opens" if kind == "message.opened" else "clicks"))
    found = people(story)
    alice, bob, *_others = found["a"]
    for _twice in range(2):
        story.happens(kind, alice, "", data={"message": key("thanks"), "by": "human"})
    story.happens(kind, bob, "", data={"message": key("thanks"), "by": "machine"})
    story.happens(kind, found["b"][0], "", data={"message": key("more"), "by": "human"})
    early = made.created_at - timedelta(days=900)
    told = {"message": key("thanks"), "by": "human"}
    story.happens(kind, found["b"][1], "", data=told, occurred_at=early)
    story.now += timedelta(days=8)
    decide(story)
    assert (branches()["a"][1], branches()["b"][1]) == ("1", "0")
    assert SplitWinner.objects.get().outlet == "a"


def test_goals_reached_after_the_split_count(story):
    graph = split("goal", way="await paid 2d > exit")
    goal = {"id": "goal", "kind": "goal", "name": "Paid", "ends": True}
    graph["steps"].append(goal)
    for one in graph["steps"]:
        if one["kind"] == "wait_for_event":
            one["outlets"]["happened"] = "goal"
    story.publish_graph(graph)
    found = people(story)
    paid = Enrollment.objects.filter(contact=found["a"][0]).get()
    story.happens("order.paid", found["a"][0], paid.subject)
    story.run()
    story.now += timedelta(days=8)
    decide(story)
    assert (branches()["a"][1], branches()["b"][1]) == ("1", "0")


def test_revenue_is_of_orders_in_time_not_undone_in_the_main_currency(story):
    graph = split("revenue", within_days=3)
    graph["triggers"][0]["event"] = "cart.updated"
    story.publish_graph(graph)
    found: dict[str, list] = {"a": [], "b": []}
    for number in range(100):
        contact = story.contact(f"p{number}")
        story.happens("cart.updated", contact, f"cart:{number}")
        story.run()
        found[Visit.objects.get(step="choose", enrollment__contact=contact).outlet].append(contact)
        if min(len(one) for one in found.values()) >= 3:
            break

    def buys(contact, order: str, total: str, currency: str = "EUR") -> None:
        data = {"total": total, "currency": currency, "order": order}
        story.happens("order.placed", contact, f"order:{order}", data=data)

    alice, bob, charlie = found["a"][:3]
    buys(alice, "1", "20.50")
    buys(alice, "2", "9.50")
    buys(bob, "3", "1000")
    story.happens("order.cancelled", bob, "order:3")
    buys(bob, "4", "1000")
    story.happens("order.refunded", bob, "order:4", data={"is_full": True})
    buys(charlie, "5", "5")
    story.happens("order.refunded", charlie, "order:5", data={"is_full": False})
    buys(charlie, "6", "much")
    buys(found["b"][0], "7", "900", "USD")
    buys(found["b"][1], "8", "30")
    story.now += timedelta(days=4)
    buys(found["b"][2], "9", "5000")
    story.now += timedelta(days=4)
    decide(story)
    row = SplitWinner.objects.get()
    assert (branches()["a"][1], branches()["b"][1]) == ("35", "30")
    assert (row.numbers["currency"], row.numbers["others"]) == ("EUR", 1)


def test_too_few_or_a_tie_keeps_the_weights_and_is_looked_at_again_the_day_after(story):
    story.publish_graph(split("clicks", sample=3))
    found = people(story, each=2)
    story.now += timedelta(days=8)
    decide(story)
    assert (SplitWinner.objects.get().doubt, SplitWinner.objects.get().decided_at) == ("too_few", None)
    assert decide(story) == 0
    people(story, each=3)
    looked = SplitWinner.objects.get().looked_at
    with clock.moved(story.now):
        assert deciding_winners.next_due(story.now) == looked + timedelta(days=1)
    story.now = looked + timedelta(days=1)
    assert decide(story) == 1
    assert SplitWinner.objects.get().doubt == "tie"
    story.happens("message.clicked", found["a"][0], "", data={"message": key("thanks"), "by": "human"})
    story.now += timedelta(days=1)
    decide(story)
    assert (SplitWinner.objects.get().outlet, SplitWinner.objects.get().doubt) == ("a", "")


def test_a_winner_stays_while_the_split_is_the_same_and_not_longer(story):
    made = story.publish_graph(split("clicks"))
    found = people(story)
    story.happens("message.clicked", found["a"][0], "", data={"message": key("thanks"), "by": "human"})
    story.now += timedelta(days=8)
    decide(story)

    def publish(graph) -> None:
        with clock.moved(story.now):
            made.refresh_from_db()
            made.graph = graph
            made.save_revision().publish()
        story.now += timedelta(seconds=1)

    graph = split("clicks")
    graph["exits"] = [{"event": "order.cancelled", "same_subject": True}]
    publish(graph)
    assert {comes(story, f"next{number}") for number in range(8)} == {"a"}
    publish(split("clicks", sample=5))
    assert {comes(story, f"later{number}") for number in range(20)} == {"a", "b"}
    with clock.moved(story.now):
        due = deciding_winners.next_due(story.now)
    assert timedelta(days=6) < due - story.now <= timedelta(days=7)


def test_publishing_something_else_does_not_put_off_the_day(story):
    made = story.publish_graph(split("clicks"))
    people(story)
    story.now += timedelta(days=6)
    with clock.moved(story.now):
        made.refresh_from_db()
        made.graph = {**split("clicks"), "exits": [{"event": "order.cancelled", "same_subject": True}]}
        made.save_revision().publish()
    story.now += timedelta(days=2)
    assert decide(story) == 1
    assert min(count for count, _score in branches().values()) >= 3


def test_who_copies_a_scenario_copies_no_winner(story):
    made = story.publish_graph(split("clicks"))
    found = people(story)
    story.happens("message.clicked", found["a"][0], "", data={"message": key("thanks"), "by": "human"})
    story.now += timedelta(days=8)
    decide(story)
    Scenario.objects.filter(pk=made.pk).update(live=False)
    story.publish_graph(split("clicks"))
    assert {comes(story, f"new{number}") for number in range(20)} == {"a", "b"}


def test_the_queries_follow_neither_the_people_nor_the_scenarios_without_a_rule(story):
    story.publish_graph(split("clicks", sample=1_000))
    counts = []
    for each in (1, 8):
        people(story, each=each)
        story.publish("paid > wait 1d")
        story.now += timedelta(days=8)
        with clock.moved(story.now):
            deciding_winners.next_due(story.now)
            with CaptureQueriesContext(connection) as queries:
                assert deciding_winners.decide(story.now) == 1
        counts.append(len([one for one in queries if "SAVEPOINT" not in one["sql"]]))
    assert counts[0] <= 8
    assert counts[1] <= counts[0] + 1  # the row that is there is changed


def test_the_queries_of_a_split_do_not_follow_the_number_of_contacts(story):
    story.publish_graph(split("clicks", way="exit"))
    counts = []
    for numbers in (range(3), range(3, 40)):
        for number in numbers:
            story.happens("order.placed", story.contact(f"p{number}"), f"order:{number}")
        counts.append(story.queries_of_advancing())
    # Two ways are two moves.
    assert counts[0] <= counts[1] <= counts[0] + 1


@pytest.mark.django_db(transaction=True)
def test_two_runners_that_look_at_once_store_one_winner(story):
    story.publish_graph(split("clicks"))
    found = people(story)
    story.happens("message.clicked", found["a"][0], "", data={"message": key("thanks"), "by": "human"})
    story.now += timedelta(days=8)
    without_errors(at_the_same_time(*[lambda: deciding_winners.decide(story.now)] * 4))
    assert SplitWinner.objects.get().outlet == "a"


@pytest.mark.django_db(transaction=True)
def test_a_tick_decides(story):
    story.publish_graph(split("clicks"))
    people(story, each=2)
    report = tasks.tick(story.now + timedelta(days=8), until_idle=True)
    assert report.done["winners"] == 1
