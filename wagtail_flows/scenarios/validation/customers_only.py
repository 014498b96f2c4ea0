"""An e-mail or SMS that only customers may get is sent where only customers come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from wagtail_flows.lib.problems import Problem
from wagtail_flows.scenarios.basis import Why
from wagtail_flows.scenarios.graph import Graph
from wagtail_flows.scenarios.references import References, Target
from wagtail_flows.scenarios.steps.condition import Condition
from wagtail_flows.scenarios.steps.send_sms import SendSms
from wagtail_flows.scenarios.trigger import Trigger
from wagtail_flows.scenarios.walking import led_to


ORDER = "order"


def check(graph: Graph, known: References) -> Iterable[Problem]:
    """A warning: an audience, or a condition on the way, may well say who is a customer. Events that name an order are
    told of customers; of a kind that nobody described, that is believed.
    """
    others = [trigger for trigger in graph.triggers if not _brings_customers(trigger, known)]
    if graph.audience is not None or not others:
        return
    asked = led_to(graph, (step for step in graph.steps if isinstance(step, Condition)), through=lambda _step: True)
    for found in (*_emails(graph, known, others[0].id), *_texts(graph, others[0].id)):
        if found.step not in asked:
            yield found


def _emails(graph: Graph, known: References, trigger: str) -> Iterator[Problem]:
    for reference in graph.references():
        message = known.messages.get(reference.key) if reference.target is Target.MESSAGE else None
        if message is not None and message.needs_customer:
            text = _(
                "“%(name)s” is for existing customers, but the trigger “%(trigger)s” lets in others too: add an "
                "“audience” of customers, or choose an e-mail for subscribers."
            )
            values = {"name": message.name, "trigger": trigger}
            yield Problem(reference.step, reference.field, "not_only_customers", text % values, is_warning=True)


def _texts(graph: Graph, trigger: str) -> Iterator[Problem]:
    for step in graph.steps:
        if isinstance(step, SendSms) and step.basis is Why.EXISTING_CUSTOMER:
            text = _(
                "This SMS is for existing customers, but the trigger “%(trigger)s” lets in others too: add an "
                "“audience” of customers, or choose the basis “subscription”."
            )
            yield Problem(step.id, "basis", "not_only_customers", text % {"trigger": trigger}, is_warning=True)


def _brings_customers(trigger: Trigger, known: References) -> bool:
    kinds = [known.event_kinds.get(kind) for kind in trigger.event_kinds()]
    return bool(kinds) and all(kind is None or not kind.fields or ORDER in kind.fields for kind in kinds)
