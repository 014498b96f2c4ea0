"""What must hold of each mail, call and text at the moment when it is handed over, and of what is said of it later."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db.models import QuerySet

from tests.engine.everything.journal import Journal
from tests.engine.everything.outside import Said
from tests.engine.everything.stage import LOWEST_OF_GOLD
from tests.engine.everything.world import World
from wagtail_flows.conf import conf
from wagtail_flows.contacts.models import ContactProperty, Subscription, Suppression
from wagtail_flows.engine.models import Enrollment
from wagtail_flows.events.models import Event
from wagtail_flows.messages.models import Delivery


def nobody_gets_what_they_must_not(world: World) -> None:
    """Of each that came since the last look, by what is known now: nothing has happened since."""
    heard = world.outside.heard()
    ids = [one.delivery for part, seen in zip(heard, world.seen, strict=True) for one in part[seen:]]
    world.seen = [len(part) for part in heard]
    if not ids:
        return
    found = Delivery.objects.filter(public_id__in=ids).select_related(
        "contact", "mailing_list", "visit__enrollment__version", "visit__enrollment__scenario"
    )
    assert len(found) == len(set(ids)), "something for somebody who was erased"
    for delivery in found:
        if delivery.channel in {"email", "sms"}:
            _may_be_written_to(delivery)
        if delivery.visit is not None:
            _is_still_wanted(world, delivery.visit.enrollment, delivery)


def what_is_said_is_so(world: World) -> None:
    """Nothing comes again that was taken, or may have been; and what the tables say about it is so."""
    heard: dict[str, list[Said]] = defaultdict(list)
    for part in world.outside.heard():
        for one in part:
            heard[one.delivery].append(one.said)
    in_doubt = repeated = 0
    for delivery in Delivery.objects.all():
        answers = heard[str(delivery.public_id)]
        assert len(answers) <= delivery.attempts <= conf.MAX_ATTEMPTS, "handed over without having been begun"
        repeated += sum(said is Said.TAKEN for said in answers[:-1])
        if not delivery.is_repeatable:
            assert set(answers[:-1]) <= {Said.REFUSED}, "handed over twice"
        _is_told(delivery, answers[-1] if answers else None)
        in_doubt += delivery.status in {"sending", "uncertain"}
    assert repeated <= world.journal.deaths, "called again after it was taken"
    assert in_doubt <= world.journal.deaths + world.outside.silences(), "more doubts than there are reasons for"


def _is_told(delivery: Delivery, last: Said | None) -> None:
    """`last`: what was said to it last, None where it never came so far."""
    refused = {None, Said.REFUSED}
    # A second copy does no harm, so silence isn't the end of it.
    tried = refused | {Said.NOTHING, Said.TAKEN} if delivery.is_repeatable else refused
    may_be: dict[str, set[Said | None]] = {
        "queued": tried,
        "sent": {Said.TAKEN},
        "failed": tried - {Said.TAKEN},
        "skipped": tried - {Said.TAKEN},
        "sending": {*Said, None},
        "uncertain": {*Said, None},
    }
    assert last in may_be[delivery.status], f"{last}, and said to be {delivery.status}"


def _may_be_written_to(delivery: Delivery) -> None:
    scopes = ["all"] if delivery.stream == "transactional" else ["all", "commercial"]
    suppressed = Suppression.objects.filter(key_hash=delivery.contact.key_hash, scope__in=scopes)
    assert not suppressed.exists(), "suppressed"
    if delivery.stream == "transactional" or delivery.mailing_list is None:
        assert delivery.basis != "subscription"
        return
    statuses = Subscription.objects.filter(contact=delivery.contact, mailing_list=delivery.mailing_list)
    status = statuses.values_list("status", flat=True).first()
    assert status != "unsubscribed", "left the list"
    assert status == "subscribed" or delivery.basis != "subscription", "never subscribed"


def _is_still_wanted(world: World, one: Enrollment, delivery: Delivery) -> None:
    assert not one.is_cut_short, "left"
    assert None not in world.journal.way(one) or one.status == "ended", "to leave by a plan"
    # A brake is pulled by what was sent: it comes after, at the same moment. A person's pause has a moment of its own.
    was_paused = one.scenario.is_paused and (not one.scenario.brake or one.scenario.paused_at < delivery.sending_at)
    assert not was_paused, "paused"
    audience = one.version.graph.get("audience")
    if audience and audience["recheck"]:
        scores = ContactProperty.objects.filter(contact_id=one.contact_id, property__name="score")
        assert scores.filter(number__gte=LOWEST_OF_GOLD).exists(), "not in the audience any more"
    for event in events_since(one):
        assert not takes_out(world.journal, one, event), "an exit happened"
        left = event.kind == "list.unsubscribed" and event.subject == one.subject
        assert not left, "left the list that it began with"


def events_since(one: Enrollment) -> QuerySet[Event]:
    """What was recorded of somebody after the event that let them in; after they came in where it was none."""
    after = Event.objects.filter(contact_id=one.contact_id, pk__gt=one.trigger_event_id or 0)
    return after if one.trigger_event_id else after.filter(recorded_at__gte=one.entered_at)


def takes_out(journal: Journal, one: Enrollment, event: Event) -> bool:
    """Whether one leaves by this event, in the version in which it was matched. Who came in because of how things stood
    isn't asked what had been before.
    """
    was_before = event.matched_at is not None and event.matched_at <= one.entered_at
    if was_before and not journal.came_by_an_event(one):
        return False
    return any(is_exit(rule, one.subject, event) for rule in journal.graph_at(one, event.matched_at)["exits"])


def is_exit(rule: dict[str, Any], subject: str, event: Event) -> bool:
    return (
        event.kind == rule["event"]
        and (not rule["same_subject"] or event.subject == subject)
        and rule.get("where", {}).items() <= event.data.items()
    )
