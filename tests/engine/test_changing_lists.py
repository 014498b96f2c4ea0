"""List actions: five verbs, set-wise, with evidence, seen by the next step, told as events."""

from __future__ import annotations

import pytest

from tests.drawing import choosing, key
from tests.messages.deliveries import prepare
from wagtail_flows.contacts.models import Consent, Contact, MailingList, Subscription, Suppression
from wagtail_flows.contacts.subscriptions import confirm, unsubscribe
from wagtail_flows.contacts.suppressions import suppress
from wagtail_flows.contacts.transitions import Evidence
from wagtail_flows.engine import enrolling
from wagtail_flows.engine.models import Enrollment, Visit
from wagtail_flows.events.models import Event
from wagtail_flows.lib import clock
from wagtail_flows.messages.models import Delivery


pytestmark = pytest.mark.django_db

LIST = key("club")
WORDING = "I want the news (box in the shop)"


def action(verb: str, **fields):
    return choosing("placed", {"kind": "list_action", "list": LIST, "action": verb, **fields}, next="exit")


def row(contact: Contact) -> Subscription | None:
    return Subscription.objects.filter(contact=contact, mailing_list__public_id=LIST).first()


def on(club: MailingList, contact: Contact, status: str) -> None:
    if status:
        moments = {"requested_at": clock.now(), "round": 1}
        Subscription.objects.create(contact=contact, mailing_list=club, status=status, **moments)


def placed(story, graph, contact: Contact, subject: str = "order:1") -> None:
    if not Enrollment.objects.exists():
        story.publish_graph(graph)
    story.happens("order.placed", contact, subject)
    story.run()


def kinds() -> list[str]:
    return list(Event.objects.exclude(kind="order.placed").order_by("pk").values_list("kind", flat=True))


@pytest.mark.parametrize(
    ("verb", "before", "after", "told"),
    [
        ("subscribe", "", "pending", []),
        ("subscribe", "added", "pending", []),
        ("subscribe", "pending", "pending", []),
        ("subscribe", "subscribed", "subscribed", []),
        ("subscribe", "unsubscribed", "unsubscribed", []),
        ("consented", "", "subscribed", ["list.subscribed"]),
        ("consented", "added", "subscribed", ["list.subscribed"]),
        ("consented", "pending", "subscribed", ["list.subscribed"]),
        ("consented", "subscribed", "subscribed", []),
        ("consented", "unsubscribed", "unsubscribed", []),
        ("subscribe_again", "", "pending", []),
        ("subscribe_again", "added", "pending", []),
        ("subscribe_again", "pending", "pending", []),
        ("subscribe_again", "subscribed", "subscribed", []),
        ("subscribe_again", "unsubscribed", "pending", []),
        ("add", "", "added", []),
        ("add", "pending", "pending", []),
        ("add", "subscribed", "subscribed", []),
        ("add", "unsubscribed", "unsubscribed", []),
        ("unsubscribe", "", None, []),
        ("unsubscribe", "added", "unsubscribed", ["list.unsubscribed"]),
        ("unsubscribe", "pending", "unsubscribed", []),
        ("unsubscribe", "subscribed", "unsubscribed", ["list.unsubscribed"]),
        ("unsubscribe", "unsubscribed", "unsubscribed", []),
        ("remove", "", None, []),
        ("remove", "added", None, []),
        ("remove", "pending", None, []),
        ("remove", "subscribed", None, []),
        ("remove", "unsubscribed", "unsubscribed", []),
    ],
)
def test_what_each_verb_makes_of_each_status(story, club, verb, before, after, told):
    alice = story.contact()
    on(club, alice, before)
    graph = action("subscribe", consent=WORDING) if verb == "consented" else action(verb)
    placed(story, graph, alice)
    assert Enrollment.objects.get().status == "ended", Enrollment.objects.get().error
    found = row(alice)
    assert (found and found.status) == after
    assert kinds() == told
    assert Visit.objects.get(step="choose").seen["list"] == {"before": before, "after": after or ""}


@pytest.mark.parametrize("is_double_opt_in", [True, False])
def test_a_scenario_cannot_invent_consent_so_it_asks_whatever_the_list_says(story, club, is_double_opt_in):
    MailingList.objects.update(is_double_opt_in=is_double_opt_in)
    alice = story.contact(locale="en")
    placed(story, action("subscribe"), alice)
    delivery = Delivery.objects.get()
    assert (delivery.kind, delivery.contact, delivery.stream) == ("confirmation", alice, "transactional")
    text = prepare([delivery])[delivery.pk].rendered.text
    assert "would like to send you “Club”" in text
    assert "You asked" not in text
    asked = Consent.objects.get()
    assert (asked.action, asked.source) == ("asked", "scenario")
    assert asked.wording == "By the scenario “Story”, step choose."
    found = row(alice)
    assert confirm(found, found.round, evidence=Evidence(source="link")).status == "subscribed"
    assert kinds() == ["list.subscribed"]


def test_a_consent_given_elsewhere_is_kept_as_evidence_and_nobody_is_asked(story):
    alice = story.contact(locale="fr")
    placed(story, action("subscribe", consent=WORDING), alice)
    proof = Consent.objects.get()
    assert (proof.action, proof.source, proof.wording, proof.locale) == ("asked", "scenario", WORDING, "fr")
    assert (row(alice).status, Delivery.objects.count()) == ("subscribed", 0)
    told = Event.objects.get(kind="list.subscribed")
    assert (told.data, told.subject, told.depth) == ({"list": LIST, "source": "scenario"}, f"list:{LIST}", 1)
    assert told.cause.step == "choose"


@pytest.mark.parametrize("verb", ["subscribe", "subscribe_again"])
@pytest.mark.parametrize("fields", [{}, {"consent": WORDING}])
@pytest.mark.parametrize("reason", ["unsubscribed", "complained"])
def test_who_must_not_be_written_to_is_left_alone(story, verb, fields, reason):
    alice = story.contact()
    if reason == "unsubscribed":
        unsubscribe(alice, None, evidence=Evidence())
    else:
        suppress(alice, Suppression.Scope.ALL, reason)
    placed(story, action(verb, **(fields if verb == "subscribe" else {})), alice)
    assert (row(alice), Delivery.objects.count()) == (None, 0)
    assert Suppression.objects.count() == 1


def test_unsubscribing_keeps_evidence_and_removing_leaves_what_there_is(story, club):
    alice = story.contact()
    on(club, alice, "subscribed")
    Consent.objects.create(contact=alice, mailing_list=club, action="asked", happened_at=story.now)
    graph = action("unsubscribe")
    placed(story, graph, alice)
    assert list(Consent.objects.order_by("pk").values_list("action", "source")) == [
        ("asked", ""),
        ("withdrew", "scenario"),
    ]


def test_removing_keeps_the_evidence(story, club):
    alice = story.contact()
    on(club, alice, "subscribed")
    Consent.objects.create(contact=alice, mailing_list=club, action="asked", happened_at=story.now)
    placed(story, action("remove"), alice)
    assert (row(alice), Consent.objects.count()) == (None, 1)


def test_who_is_only_added_gets_nothing_that_needs_a_subscription(story, club, message):
    message("offer", basis="subscription")
    graph = action("add")
    graph["steps"][0]["outlets"] = {"next": "mail"}
    mail = {"id": "mail", "kind": "send_email", "message": key("offer"), "list": LIST}
    graph["steps"].append({**mail, "outlets": {"next": "next-exit-1"}})
    alice = story.contact()
    placed(story, graph, alice)
    assert row(alice).status == "added"
    assert not Contact.objects.filter(pk=alice.pk).mailable("commercial", club).exists()
    from wagtail_flows.messages.own_gates import basis_gate  # noqa: PLC0415

    delivery = Delivery.objects.get()
    assert basis_gate([delivery])[delivery.pk].reason == "not_subscribed"


def test_the_next_step_sees_the_change_and_a_deleted_list_changes_nothing(story, club):
    graph = action("add")
    rule = {"match": "all", "rules": [{"field": "list.added", "operator": "in_any_of", "value": [LIST]}]}
    graph["steps"][0]["outlets"] = {"next": "ask"}
    asked = [{"outlet": "on", "rule": rule}]
    graph["steps"] += [
        {"id": "ask", "kind": "condition", "branches": asked, "outlets": {"on": "next-exit-1", "else": "other"}},
        {"id": "other", "kind": "exit", "reason": "other", "reenter": "at_once"},
    ]
    placed(story, graph, story.contact())
    assert Enrollment.objects.get().exit_reason == "done"
    club.delete()
    placed(story, graph, story.contact("bob"))
    assert Visit.objects.get(step="choose", enrollment__contact__key="bob@example.org").seen["list"] is None


def test_leaving_and_being_asked_again_in_one_moment_tells_each_once(story, club):
    alice = story.contact()
    on(club, alice, "subscribed")
    graph = action("unsubscribe")
    again = {"id": "again", "kind": "list_action", "list": LIST, "action": "subscribe_again"}
    graph["steps"][0]["outlets"] = {"next": "again"}
    graph["steps"].append({**again, "outlets": {"next": "next-exit-1"}})
    placed(story, graph, alice)
    assert (row(alice).status, row(alice).round, kinds()) == ("pending", 2, ["list.unsubscribed"])
    assert Event.objects.get(kind="list.unsubscribed").dedupe_key.endswith(":1")


def test_two_enrollments_that_ask_in_one_batch_ask_once(story):
    story.publish_graph(action("subscribe_again"))
    alice = story.contact()
    for number in range(2):
        story.happens("order.placed", alice, f"order:{number}")
    story.run()
    assert (Delivery.objects.count(), Subscription.objects.count(), Consent.objects.count()) == (1, 1, 1)


def test_an_address_is_asked_so_many_times_an_hour(story, settings, club):
    settings.FLOWS_CONFIRMATIONS_PER_ADDRESS = 1
    other = MailingList.objects.create(name="Other", public_name="Other")
    graph = action("subscribe")
    graph["steps"][0]["outlets"] = {"next": "second"}
    second = {"id": "second", "kind": "list_action", "list": str(other.public_id), "action": "subscribe"}
    graph["steps"].append({**second, "outlets": {"next": "next-exit-1"}})
    placed(story, graph, story.contact())
    assert Delivery.objects.count() == 1
    assert Subscription.objects.filter(status="pending").count() == 2


def test_a_scenario_that_listens_to_its_own_list_stops_at_the_tenth(story, club):
    graph = choosing(
        "subscribed every_time",
        {"kind": "list_action", "list": LIST, "action": "remove"},
        next="exit",
    )
    graph["steps"][0]["outlets"] = {"next": "again"}
    again = {"id": "again", "kind": "list_action", "list": LIST, "action": "subscribe", "consent": WORDING}
    graph["steps"].append({**again, "outlets": {"next": "next-exit-1"}})
    story.publish_graph(graph)
    story.happens("list.subscribed", story.contact(), f"list:{LIST}", data={"list": LIST})
    story.run()
    assert Enrollment.objects.filter(status="ended").count() == 10
    assert Enrollment.objects.get(status="parked").depth == 10


@pytest.mark.parametrize("fields", [("subscribe", {}), ("subscribe", {"consent": WORDING}), ("unsubscribe", {})])
def test_the_queries_do_not_follow_the_number_of_contacts(story, club, fields):
    verb, told = fields
    story.publish_graph(action(verb, **told))
    counts = []
    # Not more: SQLite takes at most 999 values in one statement, and larger inserts are cut up.
    for people in (range(3), range(3, 30)):
        for number in people:
            contact = story.contact(f"p{number}")
            on(club, contact, "subscribed" if verb == "unsubscribe" else "added" if number % 3 == 0 else "")
            story.happens("order.placed", contact, f"order:{number}")
        counts.append(story.queries_of_advancing())
        with clock.moved(story.now):
            enrolling.match_events(story.now)
    expected = {"unsubscribe": "unsubscribed", "subscribe": "subscribed" if told else "pending"}[verb]
    assert Subscription.objects.filter(status=expected).count() == 30
    assert counts[0] == counts[1]
