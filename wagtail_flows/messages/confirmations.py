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


# In a delivery's context: it is a scenario, or somebody in the admin, that wants the person subscribed.
IS_INVITED = "is_invited"
# What the list calls itself reaches these texts as a variable, never as part of the source: it may hold anything.
DESCRIPTION = "{% if list.description != blank %}<p>{{ list.description | newline_to_br }}</p>{% endif %}"


def written(kind: str, *, is_invited: bool = False) -> Written:
    """The fixed text of a kind, in the active language. Raises KeyError for a kind that is designed.

    `is_invited`: it wasn't the person who asked for a confirmation request.
    """
    if Delivery.Kind(kind) == Delivery.Kind.CONFIRMATION:
        return _confirmation(is_invited=is_invited)
    return {Delivery.Kind.ALREADY_SUBSCRIBED: _already_subscribed}[Delivery.Kind(kind)]()


def _confirmation(*, is_invited: bool) -> Written:
    if is_invited:
        asked = gettext("{{ site.name }} would like to send you “{{ list.name }}”. Please confirm that you want it.")
        ignore = gettext("If you don't want it, there is nothing to do: without your confirmation nothing is sent.")
    else:
        asked = gettext(
            "You asked to receive “{{ list.name }}” from {{ site.name }}. Please confirm that this was you."
        )
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
