"""Only who is in the audience comes in, and, where it is asked again, gets each e-mail."""

from __future__ import annotations

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.drawing import scenario
from wagtail_flows.contacts.models import Contact
from wagtail_flows.engine import enrolling
from wagtail_flows.engine.models import Enrollment, RefusedEntry
from wagtail_flows.lib import clock
from wagtail_flows.messages import deliver
from wagtail_flows.messages.models import Delivery
from wagtail_flows.segments.models import Segment, SegmentMember


pytestmark = pytest.mark.django_db

FRENCH = {"match": "all", "rules": [{"field": "contact.locale", "operator": "is", "value": "fr"}]}


@pytest.fixture
def french() -> Segment:
    return Segment.objects.create(name="French", rule=FRENCH)


def published(story, drawing: str, **audience):
    return story.publish_graph({**scenario(drawing), "audience": audience})


def who_entered() -> list[str]:
    return sorted(Enrollment.objects.values_list("contact__address", flat=True))


@pytest.mark.parametrize("by", ["segment", "rule"])
def test_who_is_not_in_the_audience_does_not_enter_and_it_is_told_why(story, french, by):
    asked = {"segment": str(french.public_id)} if by == "segment" else {"rule": FRENCH}
    made = published(story, "placed > wait 1d > send thanks", **asked)
    story.happens("order.placed", story.contact("alice", locale="fr"))
    event = story.happens("order.placed", story.contact("bob", locale="en"))
    story.run()
    assert who_entered() == ["alice@example.org"]
    refused = RefusedEntry.objects.get()
    assert (refused.scenario, refused.contact.address, refused.event) == (made, "bob@example.org", event)
    assert (refused.reason, refused.entry_key, refused.trigger_id) == ("not_in_audience", "order:1", "t1")


def test_who_was_refused_may_come_in_once_they_are_in_the_audience(story, french):
    published(story, "placed once > wait 1d > send thanks", segment=str(french.public_id))
    bob = story.contact("bob", locale="en")
    story.happens("order.placed", bob)
    story.happens("order.placed", bob)
    story.run()
    assert RefusedEntry.objects.count() == 1
    Contact.objects.filter(pk=bob.pk).update(locale="fr", locale_folded="fr")
    story.happens("order.placed", bob)
    story.run()
    assert who_entered() == ["bob@example.org"]


def test_a_segment_that_is_gone_lets_nobody_in(story, french):
    published(story, "placed > wait 1d > send thanks", segment=str(french.public_id))
    french.delete()
    story.happens("order.placed", story.contact("alice", locale="fr"))
    story.run()
    assert not Enrollment.objects.exists()


@pytest.mark.parametrize(("recheck", "status"), [(True, "skipped"), (False, "sent")])
def test_the_audience_is_asked_again_at_the_hand_over_only_where_it_says_so(story, recheck, status, mailoutbox):
    regulars = Segment.objects.create(name="Regulars", kind="static")
    published(story, "placed > wait 1d > send thanks", segment=str(regulars.public_id), recheck=recheck)
    alice, bob = story.contact("alice"), story.contact("bob")
    for person in (alice, bob):
        SegmentMember.objects.create(segment=regulars, contact=person, added_at=story.now)
        story.happens("order.placed", person)
    story.run()
    story.later(days=2)
    SegmentMember.objects.filter(contact=bob).delete()
    with clock.moved(story.now):
        deliver.deliver(story.now)
    assert Delivery.objects.get(contact=alice).status == "sent"
    told = Delivery.objects.get(contact=bob)
    assert (told.status, told.reason) == (status, "not_in_audience" if recheck else "")


def test_one_question_asks_for_the_whole_batch(story, french):
    published(story, "placed > wait 1d > send thanks", segment=str(french.public_id))
    counts = []
    for people in (range(3), range(3, 33)):
        for number in people:
            person = story.contact(f"person{number}", locale="fr" if number % 2 else "en")
            story.happens("order.placed", person, f"order:{number}")
        with CaptureQueriesContext(connection) as queries:
            enrolling.match_events(story.now)
        counts.append(len(queries))
    assert Enrollment.objects.count() == 16
    assert counts[1] <= counts[0]


def test_the_page_of_a_contact_says_what_they_did_not_come_into(story, french, client, admin_user):
    published(story, "placed > wait 1d > send thanks", segment=str(french.public_id))
    bob = story.contact("bob", locale="en")
    client.force_login(admin_user)
    url = reverse("flows_contacts:inspect", args=[bob.pk])
    assert "come in" not in client.get(url).text
    story.happens("order.placed", bob)
    story.run()
    assert "not in the audience" in client.get(url).text
