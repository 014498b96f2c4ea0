"""What another package brings by hooks, as the documentation shows it: a step and a channel, in a running scenario."""

import re

from pathlib import Path

import pytest

from django.apps import apps
from wagtail import hooks

from tests.drawing import scenario
from wagtail_flows.engine.models import Enrollment, Visit
from wagtail_flows.lib import clock
from wagtail_flows.messages.channels import port
from wagtail_flows.messages.deliver import deliver
from wagtail_flows.messages.models import Delivery
from wagtail_flows.scenarios.outcomes import Dispatch
from wagtail_flows.scenarios.registry import step_kinds
from wagtail_flows.scenarios.step import Step


pytestmark = pytest.mark.django_db

PAGE = Path(__file__).parents[2] / "docs" / "adding-a-step.md"


@pytest.fixture
def acme(monkeypatch):
    """The package of the documentation: its modules, and its hooks loaded as they are when Django starts."""
    monkeypatch.setattr(hooks, "_hooks", {name: list(found) for name, found in hooks._hooks.items()})
    monkeypatch.setattr(port, "_channels", dict(port._channels))
    names: dict = {"__name__": "acme"}
    for code in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        exec(code, names)  # noqa: S102 (our own page)
    apps.get_app_config("wagtail_flows")._load_extensions()
    yield names
    step_kinds().pop("acme_weekend", None)
    step_kinds().pop("acme_push", None)


def test_a_step_of_another_package_runs_in_a_scenario(story, acme):
    graph = scenario("placed > send thanks > exit")
    look = {"id": "look", "kind": "acme_weekend", "outlets": {"yes": "exit-1", "no": "send-1"}}
    story.publish_graph({**graph, "start": "look", "steps": [look, *graph["steps"]]})
    story.happens("order.placed", story.contact())  # on a Monday
    story.run()
    story.later(days=5)
    story.happens("order.placed", story.contact("bob"), "order:2")  # on a Saturday
    story.run()
    taken = Visit.objects.filter(step="look").order_by("pk").values_list("kind", "outlet", "outcome")
    assert list(taken) == [("acme_weekend", "no", "continue"), ("acme_weekend", "yes", "continue")]
    assert Delivery.objects.get().contact.address == "alice@example.org"
    assert set(Enrollment.objects.values_list("status", flat=True)) == {"ended"}


def test_a_channel_of_another_package_hands_over_what_a_step_asks_for(story, acme):
    class PushIt(Step):
        kind = "acme_push"
        label = "Push"

        @classmethod
        def read(cls, fields, *, id, outlets):  # noqa: A002
            return cls(id=id, outlets=outlets)

        def write(self):
            return {}

        def decide(self, situation):
            return Dispatch("acme_push", {"text": "Hello"})

        def sentence(self, names):
            return "Push"

    step_kinds()["acme_push"] = PushIt
    graph = scenario("placed > exit")
    first = {"id": "push", "kind": "acme_push", "outlets": {"next": "exit-1"}}
    story.publish_graph({**graph, "start": "push", "steps": [first, *graph["steps"]]})
    story.happens("order.placed", story.contact())
    story.run()
    with clock.moved(story.now):
        assert deliver(story.now) == 1
    delivery = Delivery.objects.get()
    assert (delivery.channel, delivery.status, delivery.rendered_subject) == ("acme_push", "sent", "Push")
    assert delivery.context["payload"] == {"text": "Hello"}
    assert port.label("acme_push") == "push"
