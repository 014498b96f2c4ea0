"""flows_tick and flows_doctor, as an administrator types them."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest

from django.core import mail
from django.core.management import CommandError, call_command

from wagtail_flows.contrib.django_q2.schedule import ensure_schedule
from wagtail_flows.engine import heartbeat
from wagtail_flows.engine.models import Enrollment, Heartbeat
from wagtail_flows.events.models import Event
from wagtail_flows.lib import clock
from wagtail_flows.messages.models import Delivery


pytestmark = pytest.mark.django_db(transaction=True)


def typed(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out, no_color=True)
    return out.getvalue()


def test_until_idle_at_a_pretended_time(story):
    story.publish("placed > wait 10d > send thanks")
    story.happens("order.placed", story.contact())
    assert typed("flows_tick", "--until-idle", "--now", story.now.isoformat()).strip() == "events: 1, enrollments: 1"
    later = (story.now + timedelta(days=10)).isoformat()
    assert typed("flows_tick", "--until-idle", "--now", later).strip() == "enrollments: 1, deliveries: 1"
    assert len(mail.outbox) == 1


def test_a_time_without_an_offset_is_the_sites_own(story):
    story.publish("placed > wait 1h > send thanks")
    story.happens("order.placed", story.contact())
    typed("flows_tick", "--until-idle", "--now", story.now.isoformat())
    # 13:59 in Paris is 12:59 UTC, a minute too early.
    typed("flows_tick", "--until-idle", "--now", "2026-03-02T13:59")
    assert mail.outbox == []
    typed("flows_tick", "--until-idle", "--now", "2026-03-02T14:01")
    assert len(mail.outbox) == 1


def test_the_clock_is_not_moved_on_a_live_site(settings):
    settings.FLOWS_ALLOW_CLOCK = False
    with pytest.raises(CommandError, match="FLOWS_ALLOW_CLOCK"):
        typed("flows_tick", "--now", "2026-05-04T10:00:00Z")


@pytest.mark.parametrize("text", ["tomorrow", "2026-02-30T10:00", "10:00"])
def test_what_is_no_time_is_said_to_be_none(text):
    with pytest.raises(CommandError, match="--now"):
        typed("flows_tick", "--now", text)


def test_for_ever_and_until_idle_exclude_each_other():
    with pytest.raises(CommandError, match="not allowed with"):
        typed("flows_tick", "--forever", "--until-idle")


def test_the_doctor_finds_a_healthy_site_well(story):
    heartbeat.answer_bell()
    ensure_schedule(using="default")
    assert "All is well." in typed("flows_doctor")


def test_the_doctor_says_what_is_not_well(story, capsys):
    story.publish("placed > wait 1d > send thanks")
    story.happens("order.placed", story.contact("alice"), "order:1")
    story.happens("order.placed", story.contact("bob"), "order:2")
    story.run()
    Enrollment.objects.filter(subject="order:1").update(status="parked", due_at=None)
    story.happens("order.placed", story.contact("charlie"), "order:3")
    Event.objects.filter(matched_at=None).update(recorded_at=clock.real_now() - timedelta(hours=1))
    Delivery.objects.create(
        contact=story.contact("alice"),
        address="alice@example.org",
        stream="commercial",
        basis="existing_customer",
        status="uncertain",
        queued_at=story.now,
        due_at=story.now,
    )
    Heartbeat.objects.update_or_create(pk=1, defaults={"beat_at": clock.real_now() - timedelta(hours=2)})
    out = StringIO()
    with pytest.raises(CommandError, match="thing"):
        call_command("flows_doctor", stdout=out, no_color=True)
    said = out.getvalue()
    for words in (
        "No runner works any more. (since",
        "Events wait to be matched. (since",
        "People inside scenarios wait to go on. (since",
        "Of 1 e-mail nobody knows",
        "1 person is stuck in “Story” at the step “wait-1”",
        "/admin/flows/deliveries/?status=uncertain",
    ):
        assert words in said


def test_the_doctor_misses_a_runner_that_never_was():
    Heartbeat.objects.all().delete()
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("flows_doctor", stdout=out, no_color=True)
    assert "No runner has ever worked" in out.getvalue()
