"""The mails that aren't designed: asking for a confirmation, and telling who is subscribed already."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext

from wagtail_flows.messages.delivery_models import Delivery
from wagtail_flows.messages.parts import Button, Heading, Part, Text


@dataclass(frozen=True, slots=True)
class Written:
    """What a message says, before it is personalized."""

    subject: str
    preheader: str
    parts: tuple[Part, ...]


# What the list calls itself reaches these texts as a variable, never as part of the source: it may hold anything.
DESCRIPTION = "{% if list.description != blank %}<p>{{ list.description | newline_to_br }}</p>{% endif %}"


def written(kind: str) -> Written:
    """The fixed text of a kind, in the active language. Raises KeyError for a kind that is designed."""
    return {Delivery.Kind.CONFIRMATION: _confirmation, Delivery.Kind.ALREADY_SUBSCRIBED: _already_subscribed}[
        Delivery.Kind(kind)
    ]()


def _confirmation() -> Written:
    asked = gettext("You asked to receive “{{ list.name }}” from {{ site.name }}. Please confirm that this was you.")
    ignore = gettext("If it wasn't you, there is nothing to do: without your confirmation nothing is sent.")
    return Written(
        subject=gettext("Please confirm: {{ list.name }}"),
        preheader=gettext("One more step to subscribe."),
        parts=(
            Heading(gettext("Please confirm your subscription")),
            Text(f"<p>{asked}</p>{DESCRIPTION}"),
            Button(gettext("Confirm my subscription"), "{{ links.confirm }}"),
            Text(f"<p>{ignore}</p>"),
        ),
    )


def _already_subscribed() -> Written:
    known = gettext(
        "Somebody, probably you, asked to receive “{{ list.name }}” from {{ site.name }}. "
        "You are subscribed already, so nothing has changed."
    )
    return Written(
        subject=gettext("You are already subscribed: {{ list.name }}"),
        preheader=gettext("Nothing has changed."),
        parts=(Heading(gettext("You are already subscribed")), Text(f"<p>{known}</p>{DESCRIPTION}")),
    )
