"""What mail providers report decides: brakes, winners, usual hours, waits. Mail leaves by a provider's API, and the
provider posts to the site."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.engine.test_deciding_winners import branches, decide, people, split
from tests.messages.feedback.webhooks import BOUNCED, PHONE, mailjet, posted
from wagtail_flows.engine.brakes.gate import within_brakes
from wagtail_flows.engine.brakes.models import SendingHour
from wagtail_flows.engine.models import Enrollment, SplitWinner
from wagtail_flows.engine.usual_hours import usual_hours
from wagtail_flows.events.models import Event
from wagtail_flows.lib import clock
from wagtail_flows.messages.deliver import deliver
from wagtail_flows.models import Delivery, Scenario
from wagtail_flows.scenarios.brakes import BOUNCES, COMPLAINTS


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]
MINUTE = timedelta(minutes=1)


def sends(story) -> None:
    with clock.moved(story.now):
        deliver(story.now)


def reports(story, *told: tuple[str, Delivery], **values: object) -> None:
    """A minute later the provider posts all of it at once."""
    story.now += MINUTE
    with clock.moved(story.now):
        batch = [mailjet(event, delivery, at=story.now, **values) for event, delivery in told]
        assert posted("mailjet", batch) == 200


def sent_to(contact) -> Delivery:
    return Delivery.objects.get(contact=contact, status="sent")


def test_opens_decide_the_winner(story):
    story.publish_graph(split("opens"))
    found = people(story)
    sends(story)
    first, second, _third = found["b"]
    reports(story, ("open", sent_to(first)), ("open", sent_to(second)), agent=PHONE)
    reports(story, ("open", sent_to(first)), agent=PHONE)
    reports(story, *[("open", sent_to(one)) for one in found["a"]], agent="Mozilla/5.0")
    story.now += timedelta(days=8)
    assert decide(story) == 1
    assert SplitWinner.objects.get().outlet == "b"
    assert (branches()["a"][1], branches()["b"][1]) == ("0", "2")


def test_clicks_decide_the_winner_where_no_user_agent_is_told(story):
    story.publish_graph(split("clicks"))
    found = people(story)
    sends(story)
    story.now += 10 * MINUTE
    reports(story, ("click", sent_to(found["a"][0])), url="https://example.org/")
    story.now += timedelta(days=8)
    decide(story)
    assert SplitWinner.objects.get().outlet == "a"


def test_the_usual_hour_is_learnt(story):
    story.publish("placed > send thanks")
    alice = story.contact("alice", time_zone="UTC")
    story.happens("order.placed", alice)
    story.run()
    sends(story)
    story.now = story.now.replace(hour=19, minute=30)
    reports(story, ("open", sent_to(alice)), agent=PHONE)
    reports(story, ("click", sent_to(alice)), agent=PHONE, url="https://example.org/")
    with clock.moved(story.now):
        assert usual_hours("", [alice.pk]) == {alice.pk: {"19": 2}}


def test_who_waits_for_an_open_of_the_e_mail_about_this_order_is_woken(story):
    story.publish("placed > send thanks > await message.opened 2d > exit")
    alice = story.contact("alice")
    for order in ("order:1", "order:2"):
        story.happens("order.placed", alice, order)
    story.run()
    sends(story)
    about_the_second = Delivery.objects.get(visit__enrollment__subject="order:2")
    reports(story, ("open", about_the_second), agent=PHONE)
    assert Event.objects.get(kind="message.opened").subject == "order:2"
    story.run()
    assert list(Enrollment.objects.order_by("pk").values_list("subject", "status")) == [
        ("order:1", "active"),
        ("order:2", "ended"),
    ]


@pytest.mark.parametrize(
    ("event", "values", "brake", "bad"), [("spam", {}, COMPLAINTS, 3), ("bounce", BOUNCED, BOUNCES, 13)]
)
def test_complaints_and_bounces_pull_the_brake(story, event, values, brake, bad):
    scenario = story.publish("placed > send thanks")
    Scenario.objects.update(most_an_hour=10_000)
    for number in range(250):
        story.happens("order.placed", story.contact(f"p{number}"), f"order:{number}")
    story.run()
    Delivery.objects.update(status="sent", sending_at=story.now, ended_at=story.now)
    unlucky = list(Delivery.objects.order_by("pk"))
    reports(story, *[(event, one) for one in unlucky[: bad - 1]], **values)
    assert brake_of(story, scenario) == ""
    reports(story, *[(event, one) for one in unlucky[:bad]], **values)
    assert brake_of(story, scenario) == brake


def brake_of(story, scenario: Scenario) -> str:
    """After one more batch of it has come."""
    SendingHour.objects.all().delete()
    with clock.moved(story.now):
        within_brakes(list(Delivery.objects.order_by("-pk")[:1]))
    scenario.refresh_from_db()
    return scenario.brake
