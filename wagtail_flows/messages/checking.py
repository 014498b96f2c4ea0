"""Whether a message can be published, and what its author should look at."""

from __future__ import annotations

import re

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext

from wagtail_flows.lib.problems import Problem
from wagtail_flows.messages.delivery_models import Basis, Stream
from wagtail_flows.messages.personalize import LIQUID, KnownNames, complaint, unknown_names
from wagtail_flows.messages.render import SCHEMES, safe_url


if TYPE_CHECKING:
    from wagtail_flows.messages.message_model import Message


BASES = {
    Stream.COMMERCIAL: frozenset({Basis.SUBSCRIPTION, Basis.EXISTING_CUSTOMER}),
    Stream.TRANSACTIONAL: frozenset({Basis.TRANSACTION}),
}
# Which fields of which block hold Liquid; True where they are HTML.
LIQUID_FIELDS = {
    "heading": {"text": False},
    "text": {"text": True},
    "button": {"label": False, "url": False},
    "order_lines": {"review_link_text": False},
}
SCHEME = re.compile(r"\s*([a-zA-Z][a-zA-Z0-9+.-]*):")


def combination_problems(stream: str, basis: str, *, asks_for_review: bool) -> tuple[Problem, ...]:
    """Which legal basis goes with which stream."""
    if asks_for_review and stream == Stream.TRANSACTIONAL:
        text = gettext("A review request is commercial mail: choose the stream “commercial”.")
        return (Problem("", "stream", "review_is_commercial", text),)
    if stream in Stream.values and basis not in BASES[Stream(stream)]:
        return (Problem("", "basis", "basis_and_stream", _basis_text(stream)),)
    return ()


def _basis_text(stream: str) -> str:
    if stream == Stream.TRANSACTIONAL:
        return gettext("Transactional mail is part of a transaction: choose that basis, or the stream “commercial”.")
    return gettext("Commercial mail needs a confirmed subscription, or somebody who is a customer already.")


def url_complaint(url: str) -> str:
    """What is wrong with the address of a button, as far as it can be known before its variables are filled."""
    if not LIQUID.search(url):
        is_wrong = bool(url) and not safe_url(url, "https://example.org")
    else:
        scheme = SCHEME.match(LIQUID.sub("", url)) if not LIQUID.match(url.strip()) else None
        is_wrong = scheme is not None and scheme.group(1).lower() not in SCHEMES
    return gettext("An address begins with https://, http://, mailto: or /.") if is_wrong else ""


def block_complaints(kind: str, value: Any) -> dict[str, str]:
    """Field → what forbids publishing this block. `value` is the block's value."""
    found = {name: complaint(source, markup=markup) for name, markup, source in _sources(kind, value)}
    if kind == "button" and not found.get("url"):
        found["url"] = url_complaint(value["url"] or "")
    return {name: text for name, text in found.items() if text}


def problems_of(message: Message, known: KnownNames) -> tuple[Problem, ...]:
    """Everything there is to say about a message as it stands, saved or not."""
    found = [*_of_fields(message, known)]
    for block in message.body:
        found += _of_block(block, known)
    found += combination_problems(message.stream, message.basis, asks_for_review=message.asks_for_review)
    return tuple(found)


def _of_fields(message: Message, known: KnownNames) -> Iterator[Problem]:
    for name in ("subject", "preheader"):
        source = getattr(message, name)
        text = complaint(source)
        if text:
            yield Problem("", name, "liquid", text)
        yield from _unknown("", name, source, known)


def _of_block(block: Any, known: KnownNames) -> Iterator[Problem]:
    place = block.id or ""
    for name, text in block_complaints(block.block_type, block.value).items():
        yield Problem(place, name, "liquid", text)
    for name, markup, source in _sources(block.block_type, block.value):
        yield from _unknown(place, name, source, known, markup=markup)


def _unknown(place: str, name: str, source: str, known: KnownNames, *, markup: bool = False) -> Iterator[Problem]:
    for variable in unknown_names(source, known, markup=markup):
        text = gettext("Nothing is known as “%(variable)s”: this place stays empty.") % {"variable": variable}
        yield Problem(place, name, "unknown_variable", text, is_warning=True)


def _sources(kind: str, value: Any) -> Iterator[tuple[str, bool, str]]:
    """(field, whether it is HTML, source) of each Liquid field of a block."""
    for name, markup in LIQUID_FIELDS.get(kind, {}).items():
        given = value[name]
        yield name, markup, (given.source if markup and given else given) or ""
