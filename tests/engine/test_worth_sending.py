"""A step says for how long its e-mail is worth sending."""

from datetime import timedelta

import pytest

from tests.drawing import key, scenario
from wagtail_flows.engine.holding_back import TOO_LATE
from wagtail_flows.lib import clock
from wagtail_flows.messages.deliver import deliver
from wagtail_flows.models import Delivery
from wagtail_flows.scenarios.graph import dump, read
from wagtail_flows.scenarios.outline import Outline


def graph(late: object) -> dict:
    drawn = scenario("placed > send thanks")
    drawn["steps"][0]["late"] = late
    return drawn


def test_what_the_step_says_is_kept_as_it_was_written():
    assert dump(read(graph({"skip_after_hours": 6})).graph)["steps"][0]["late"] == {"skip_after_hours": 6}
    assert "late" not in dump(read(graph(None)).graph)["steps"][0]


@pytest.mark.parametrize("late", [{}, {"skip_after_hours": 0}, {"skip_after_hours": "6"}, 6, {"hours": 6}])
def test_what_is_no_number_of_hours_is_a_located_problem(late):
    problems = read(graph(late)).problems
    assert {problem.step for problem in problems} == {"send-1"}
    assert all(problem.field.startswith("late") for problem in problems)


@pytest.mark.django_db
def test_it_stands_at_the_delivery_with_the_scenario_that_sends_it(story):
    published = story.publish_graph(graph({"skip_after_hours": 6}))
    story.happens("order.placed", story.contact())
    story.run()
    delivery = Delivery.objects.get()
    assert delivery.too_late_at == delivery.queued_at + timedelta(hours=6)
    assert (delivery.scenario_id, delivery.domain) == (published.pk, "example.org")


@pytest.mark.django_db
def test_an_outage_longer_than_that_skips_it(story, rude_server):
    story.publish_graph(graph({"skip_after_hours": 6}))
    story.happens("order.placed", story.contact())
    story.run()
    story.now += timedelta(hours=7)
    with clock.moved(story.now):
        assert deliver(story.now) == 1
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.reason) == ("skipped", TOO_LATE)
    assert rude_server.accepted == []


@pytest.mark.django_db
def test_the_outline_says_it(story):
    words = str(Outline(graph({"skip_after_hours": 6})).render_html({}))
    assert "Send “Thanks”; not if held back for more than 6 hours" in words
    assert key("thanks") not in words
