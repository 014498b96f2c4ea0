"""Everything that scenarios can ask for, beside many rows that don't matter: each question is answered by an index."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from wagtail.models import Page

from tests.drawing import choosing, key, scenario
from tests.tasks.ballast import FIRST, fill_all
from tests.tasks.plans import asked, plans, scanned
from wagtail_flows.contacts.address import key_hash
from wagtail_flows.contacts.models import Contact, MailingList, Property, Suppression
from wagtail_flows.contacts.property_values import set_property
from wagtail_flows.contacts.subscriptions import Evidence, subscribe
from wagtail_flows.engine.manual_starts import begin, prepare
from wagtail_flows.engine.models import Enrollment, SeenMember, SplitWinner, Visit
from wagtail_flows.lib import attention, clock
from wagtail_flows.messages.models import Delivery
from wagtail_flows.models import Scenario
from wagtail_flows.segments.models import Segment, SegmentMember
from wagtail_flows.tasks import next_due, phases


pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

PEOPLE = 20
Graph = dict[str, Any]


def at_least(score: int) -> Graph:
    return {"match": "all", "rules": [{"field": "property.score", "operator": "at_least", "value": str(score)}]}


# One in a hundred, and nearly everybody.
GOLD, MOST = at_least(99), at_least(1)
PATH = """ask [gold: send thanks > add score 5 > until renewal > send news to club
           | rich: await paid 2d anyone > send more
           | else: random [a: send thanks > goal Bought | b: send more > exit done 30d]]"""


def everything() -> Graph:
    """List action, condition by segment and by rule, property changes, waits, goals, an audience asked again."""
    action = {"kind": "list_action", "list": key("club"), "action": "subscribe", "consent": "On paper."}
    graph = choosing("placed every_time", action, next=PATH)
    asking = next(step for step in graph["steps"] if step["kind"] == "condition")
    asking["branches"][1] = {"outlet": "rich", "rule": at_least(50)}
    exits = [{"event": "order.cancelled", "same_subject": True}]
    return {**graph, "exits": exits, "audience": {"rule": at_least(0), "recheck": True}}


def with_winner(by: str) -> Graph:
    winner = {"by": by, "sample": 1, "after": {"amount": 1, "unit": "days"}}
    branches = [{"outlet": "a", "weight": 1}, {"outlet": "b", "weight": 1}]
    step = {"kind": "random_split", "branches": branches, "winner": winner}
    return choosing("placed every_time", step, a="send thanks > goal Bought", b="send more > goal Bought")


def started_by(**trigger: Any) -> Graph:
    return {**scenario("placed > wait 9d > send thanks"), "triggers": [{"id": "t1", **trigger}]}


def triggers(gold: Segment, most: Segment) -> dict[str, Graph]:
    """A scenario for each way of coming in."""
    by_date = {"kind": "date", "property": "renewal", "at": "09:00"}
    return {
        "gold": started_by(kind="segment_entered", segment=str(gold.public_id)),
        "most": started_by(kind="segment_entered", segment=str(most.public_id)),
        "static": started_by(kind="segment_entered", segment=key("static")),
        "once": started_by(**by_date, repeat="once"),
        "yearly": started_by(**by_date, repeat="yearly"),
        "monthly": started_by(**by_date, repeat="monthly"),
        "page": {**started_by(kind="page_published"), "audience": {"segment": str(gold.public_id)}},
        "manual": started_by(kind="manual"),
        "list": started_by(kind="list", lists=[key("club")]),
        "property": started_by(kind="property_changed", property="score", to=99),
    }


class Site:
    """A story whose rounds are listened to: `seen` has the statements of each phase."""

    def __init__(self, story: Any, mailing_list: MailingList) -> None:
        self.story, self.club = story, mailing_list
        self.seen: dict[str, set[str]] = defaultdict(set)
        self.gold = Segment.objects.create(public_id=key("gold"), name="Gold", rule=GOLD)
        self.most = Segment.objects.create(name="Most", rule=MOST)
        Segment.objects.create(public_id=key("static"), name="Static", kind="static")
        self.busy = story.publish("placed > wait 1d > send thanks")
        fill_all(self.busy)
        story.publish_graph(everything(), most_bounces=Decimal(100), most_complaints=Decimal(100))
        for by in ("opens", "clicks", "goal", "revenue"):
            story.publish_graph(with_winner(by), most_bounces=Decimal(100))
        graphs = triggers(self.gold, self.most)
        self.started = {name: story.publish_graph(graph) for name, graph in graphs.items()}

    def hears(self, name: str, work: Callable[[], object]) -> None:
        with clock.moved(self.story.now):
            self.seen[name].update(asked(work))

    def round(self, **later: float) -> None:
        """One of all phases, so much later."""
        self.story.now += timedelta(**later)
        now = self.story.now
        for phase in phases():
            self.hears(phase.name, lambda phase=phase: phase.work(now, None))
        self.hears("next due", lambda: next_due(now))

    def people(self) -> Iterator[Contact]:
        return (self.story.contact(f"person{number}") for number in range(PEOPLE))

    def has(self, name: str, value: Any, people: Iterator[Contact]) -> None:
        prop = Property.objects.get(name=name)
        for person in people:
            with clock.moved(self.story.now):
                set_property(person, prop, value)

    def everybody_orders(self) -> None:
        for number, person in enumerate(self.people()):
            self.story.happens("order.placed", person, f"order:n{number}", data={"total": "5", "currency": "EUR"})

    def publish_again(self, made: Scenario, graph: Graph, **plan: Any) -> None:
        with clock.moved(self.story.now):
            made.refresh_from_db()
            made.graph, made.plan = graph, plan
            made.save_revision().publish()


@pytest.fixture
def site(story, club, settings, smtp_sink, wagtail_site) -> Site:
    # Few of many: of some thousand rows PostgreSQL would rather read all than look 500 up.
    settings.FLOWS_BATCH_SIZE = settings.FLOWS_DELIVERY_BATCH_SIZE = 50
    settings.FLOWS_FREQUENCY_CAPS = {"commercial": {"a_day": 3, "a_week": 9}}
    settings.FLOWS_QUIET_HOURS = "23:00-04:00"
    settings.FLOWS_TRANSPORT_RATES, settings.FLOWS_PROVIDER_RATES = {"default": 10_000}, {"*": 10_000}
    settings.FLOWS_KEEP_VISITS_DAYS = settings.FLOWS_KEEP_DELIVERIES_DAYS = 365
    return Site(story, club)


def bad_mail(site: Site) -> None:
    """Enough of what each scenario sent has bounced, and as many have complained."""
    for scenario_id in set(
        Delivery.objects.filter(contact__key__startswith="person").values_list("scenario", flat=True)
    ):
        sent = Delivery.objects.filter(scenario=scenario_id, status="sent", contact__key__startswith="person")
        Delivery.objects.filter(pk__in=list(sent.values_list("pk", flat=True)[:12])).update(
            status="failed", reason="refused", ended_at=site.story.now
        )
    Suppression.objects.bulk_create(
        Suppression(
            key_hash=key_hash(f"person{number}@example.org"),
            scope="commercial",
            reason="complained",
            created_at=site.story.now,
        )
        for number in range(5)
    )


def live(site: Site) -> None:
    """Some days of a site: everybody comes to be worth gold, orders, changes, is written to, started by hand, moved."""
    site.has("renewal", date(2026, 3, 20), site.people())
    site.round()
    site.has("score", 50, site.people())
    site.everybody_orders()
    site.round(minutes=1)
    site.has("score", 99, site.people())
    site.has("renewal", date(2020, 3, 3), site.people())
    join(site)
    site.everybody_orders()
    publish_a_page(site)
    start_by_hand(site)
    site.round(minutes=6)
    bad_mail(site)
    site.round(minutes=6)
    site.everybody_orders()
    site.round(days=1)
    site.round(minutes=6)
    also_who_matches(site)
    site.round(minutes=1)
    move(site)
    site.round(minutes=6)
    site.hears("attention", lambda: attention.findings(site.story.now))


def join(site: Site) -> None:
    static = Segment.objects.get(public_id=key("static"))
    for person in site.people():
        SegmentMember.objects.create(segment=static, contact=person, added_at=site.story.now)
        site.hears("subscribing", lambda person=person: subscribe(person, site.club, evidence=Evidence()))


def publish_a_page(site: Site) -> None:
    page = Page.objects.get(slug="home").add_child(instance=Page(title="News", live=False))
    with clock.moved(site.story.now):
        page.save_revision().publish()


def start_by_hand(site: Site) -> None:
    chosen = [person.pk for person in site.people()]
    for who in ({"segment": site.gold}, {"contact_ids": chosen}):
        row = prepare(**who)
        site.hears("started by hand", lambda row=row: begin(row, site.started["manual"]))


def also_who_matches(site: Site) -> None:
    for name in ("gold", "static", "yearly", "monthly", "list", "property"):
        made = site.started[name]
        made.refresh_from_db()
        site.publish_again(made, made.graph, start_with="also_matching")
    graph = started_by(kind="event", event="order.paid", reentry="every_time")
    site.publish_again(site.started["once"], graph, start_with="also_matching")


def move(site: Site) -> None:
    graph = {**site.started["property"].graph, "steps": scenario("placed > wait 8d > send more")["steps"]}
    site.publish_again(site.started["property"], graph, inside="move")
    graph = {**site.started["list"].graph, "steps": scenario("placed > wait 8d > send more")["steps"]}
    site.publish_again(site.started["list"], graph, inside="leave")


# What may read a large table to its end, by phase and what it says, and why.
LEGITIMATE = {
    ("segments entered", '"wagtail_flows_seenmember"'): "who has come into a segment, or left it, of everybody in it: "
    "one statement each for each scenario, every five minutes",
    ("segments", "SELECT COUNT(*)"): "how many there are in a segment: each is counted now and then",
    ("dates", "EXTRACT(DAY FROM"): "whose day comes round: once for each day of each time zone, of all dates known",
}


def is_hot(phase: str, sql: str) -> bool:
    return not any(phase == one and part in sql for one, part in LEGITIMATE)


def test_no_batch_reads_a_large_table_from_end_to_end(site):
    live(site)
    for one, part in LEGITIMATE:
        assert any(part in sql for sql in site.seen[one]), f"{one} doesn't ask this any more: {part}"
    assert_everything_was_asked(site)
    assert_seen_ones_are_looked_up(site)
    hot = {sql for phase, statements in site.seen.items() for sql in statements if is_hot(phase, sql)}
    assert scanned(hot) == {}


def assert_everything_was_asked(site: Site) -> None:
    quiet = {name for name, statements in site.seen.items() if len(statements) < 8}
    assert quiet == {"rescued"}
    came_in = set(Enrollment.objects.values_list("scenario", flat=True))
    assert came_in >= {made.pk for name, made in site.started.items() if name != "once"}
    moved = site.started["property"]
    moved.refresh_from_db()
    assert Enrollment.objects.filter(version=moved.current_version).exists()
    assert Enrollment.objects.filter(exit_reason="left_by_publishing").exists()
    assert Visit.objects.filter(kind="list_action").exists()
    assert SplitWinner.objects.count() == 4
    mails = Delivery.objects.filter(contact__pk__lt=FIRST)
    assert mails.filter(status="sent").exists()
    assert mails.filter(status="queued", reason="frequency_cap").exists()
    assert any('"domain" IN' in sql for sql in site.seen["deliveries"]), "no brake has counted what was sent"


def assert_seen_ones_are_looked_up(site: Site) -> None:
    """One by one, by sweep and contact, also where nobody has told the planner yet how many were seen."""
    looking = [sql for sql in site.seen["segments entered"] if sql.startswith("SELECT") and "NOT EXISTS" in sql]
    seen = [node for sql in looking for node in plans(sql) if node.get("Relation Name") == SeenMember._meta.db_table]
    assert seen
    assert all("contact_id" in node.get("Index Cond", "") for node in seen), seen
