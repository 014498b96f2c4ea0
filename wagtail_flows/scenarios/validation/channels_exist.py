"""What webhooks, SMS and notices to the staff name exists and is active, and their texts can be filled in."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from wagtail_flows.lib.problems import Problem
from wagtail_flows.scenarios.graph import Graph
from wagtail_flows.scenarios.references import Reference, References, Target


def check(graph: Graph, known: References) -> Iterable[Problem]:
    for reference in graph.references():
        match reference.target:
            case Target.WEBHOOK:
                yield from _webhook_problems(reference, known)
            case Target.STAFF_GROUP | Target.STAFF_ADDRESS:
                yield from _staff_problems(reference, known)
            case Target.TEXT:
                yield from _text_problems(reference, known)


def _webhook_problems(reference: Reference, known: References) -> Iterable[Problem]:
    webhook = known.webhooks.get(reference.key)
    place = (reference.step, reference.field)
    if webhook is None:
        text = _("There is no webhook endpoint with the identifier %(key)s: choose another one.")
        yield Problem(*place, "unknown_webhook", text % {"key": reference.key})
    elif not webhook.is_active:
        text = _("The webhook endpoint “%(name)s” isn't active: activate it first, or choose another one.")
        yield Problem(*place, "webhook_not_active", text % {"name": webhook.name})


def _staff_problems(reference: Reference, known: References) -> Iterable[Problem]:
    place = (reference.step, reference.field)
    if reference.target is Target.STAFF_GROUP and reference.key not in known.groups:
        text = _("There is no group “%(name)s”: choose another one.")
        yield Problem(*place, "unknown_group", text % {"name": reference.key})
    if reference.target is Target.STAFF_ADDRESS and reference.key not in known.staff:
        text = _("Nobody who may enter the admin has the address %(address)s: write another one.")
        yield Problem(*place, "unknown_staff", text % {"address": reference.key})


def _text_problems(reference: Reference, known: References) -> Iterable[Problem]:
    found = known.texts.get(reference.key)
    place = (reference.step, reference.field)
    if found is not None and found.complaint:
        yield Problem(*place, "liquid", found.complaint)
    for variable in found.unknown if found is not None else ():
        text = _("Nothing is known as “%(variable)s”: this place stays empty.")
        yield Problem(*place, "unknown_variable", text % {"variable": variable}, is_warning=True)
