"""Render: a message as written and what is known about one person in, the mail out.

Pure: preview, test and real mail are this. Nothing is raised: what goes wrong is a Problem in the answer,
and a mail with an error in it must not be sent.
"""

from __future__ import annotations

import re

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, assert_never
from urllib.parse import quote, urljoin, urlsplit

from django.utils import translation
from django.utils.translation import gettext

from wagtail_flows.lib.problems import Problem
from wagtail_flows.messages import fragment
from wagtail_flows.messages.mjml import Envelope, to_html
from wagtail_flows.messages.parts import (
    Button,
    Footer,
    Heading,
    OrderLines,
    Part,
    ShownButton,
    ShownHeading,
    ShownLine,
    ShownLines,
    ShownPart,
    ShownText,
    Text,
)
from wagtail_flows.messages.personalize import Context, NotPersonalizable, one_line, personalize, personalize_line
from wagtail_flows.messages.text import to_text


MAX_SUBJECT = 250  # characters
# Beside letters and digits (of any script) what RFC 3986 allows in an address, and what is encoded already.
UNFIT = re.compile(r"[^\w\-.~:/?#\[\]@!$&'()*+,;=%]")
SCHEMES = frozenset({"http", "https", "mailto"})


@dataclass(frozen=True, slots=True)
class RenderInput:
    """One message for one person.

    `subject` and `preheader` are Liquid; `context` is the closed context, see `messages.context`; `locale` (BCP 47) is
    the language of our own words; `base_url` (scheme and host) makes addresses absolute; the footer's texts are plain.
    """

    subject: str
    preheader: str
    parts: tuple[Part, ...]
    context: Context
    locale: str
    base_url: str
    footer: Footer


@dataclass(frozen=True, slots=True)
class Rendered:
    """The mail. `subject` is one line; `problems` name the block by its id in `step`."""

    subject: str
    preheader: str
    html: str
    text: str
    problems: tuple[Problem, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Those problems because of which this mail must not be sent."""
        return tuple(problem for problem in self.problems if not problem.is_warning)


@dataclass(slots=True)
class _Rendering:
    """Collects the problems of one rendering while its fields are personalized."""

    given: RenderInput
    problems: list[Problem] = field(default_factory=list)

    def line(self, part: str, name: str, source: str) -> str:
        return self._tried(part, name, lambda: personalize_line(source, self.given.context))

    def markup(self, part: str, name: str, source: str) -> str:
        return self._tried(part, name, lambda: personalize(source, self.given.context, markup=True))

    def _tried(self, part: str, name: str, words: Callable[[], str]) -> str:
        try:
            return words()
        except NotPersonalizable as error:
            self.problems.append(Problem(part, name, "liquid", str(error)))
            return ""

    def found(self, part: str, name: str, code: str, text: str, *, is_warning: bool = False) -> None:
        self.problems.append(Problem(part, name, code, text, is_warning))

    def address(self, url: str) -> str:
        return safe_url(url, self.given.base_url)


def render(given: RenderInput) -> Rendered:
    """Personalize, compile and write out one mail."""
    with translation.override(_available(given.locale)):
        rendering = _Rendering(given)
        subject = rendering.line("", "subject", given.subject)[:MAX_SUBJECT]
        if not subject and not rendering.problems:
            rendering.found("", "subject", "no_subject", gettext("The subject is empty."))
        preheader = rendering.line("", "preheader", given.preheader)
        shown = _shown(given.parts, rendering)
        envelope = Envelope(
            subject, preheader, given.locale, _is_right_to_left(given.locale), _footer(given, rendering)
        )
        html = _compiled(shown, envelope, rendering)
        text = to_text(shown, envelope.footer)
    return Rendered(subject, preheader, html, text, tuple(rendering.problems))


def _compiled(shown: tuple[ShownPart, ...], envelope: Envelope, rendering: _Rendering) -> str:
    try:
        return to_html(shown, envelope)
    except ValueError as error:
        rendering.found(
            "", "body", "mjml", gettext("The HTML of this e-mail can't be made: %(detail)s") % {"detail": error}
        )
        return ""


def _footer(given: RenderInput, rendering: _Rendering) -> Footer:
    footer = given.footer
    return replace(
        footer,
        sender_name=one_line(footer.sender_name),
        why=one_line(footer.why),
        unsubscribe_url=rendering.address(footer.unsubscribe_url),
    )


def _shown(written: tuple[Part, ...], rendering: _Rendering) -> tuple[ShownPart, ...]:
    shown: list[ShownPart] = []
    for part in written:
        is_first = not any(isinstance(other, ShownHeading) for other in shown)
        found = _one_shown(part, rendering, level=1 if is_first else 2)
        if found is not None:
            shown.append(found)
    return tuple(shown)


def _one_shown(part: Part, rendering: _Rendering, *, level: int) -> ShownPart | None:
    match part:
        case Heading():
            words = rendering.line(part.id, "text", part.text)
            return ShownHeading(words, level) if words else None
        case Text():
            found = fragment.parse(rendering.markup(part.id, "text", part.html))
            return ShownText(fragment.with_links(found, rendering.address)) if found else None
        case Button():
            return _button(part, rendering)
        case OrderLines():
            return _lines(part, rendering)
        case _:
            assert_never(part)


def _button(part: Button, rendering: _Rendering) -> ShownButton | None:
    label = rendering.line(part.id, "label", part.label)
    written = rendering.line(part.id, "url", part.url)
    url = rendering.address(written)
    if url and label:
        return ShownButton(label, url)
    if not url and not any(problem.step == part.id and problem.field == "url" for problem in rendering.problems):
        said = gettext("“%(url)s” can't be linked to: an address begins with https://, http:// or mailto:") % {
            "url": written
        }
        rendering.found(part.id, "url", "unsafe_url", said)
    return None


def _lines(part: OrderLines, rendering: _Rendering) -> ShownLines | None:
    order = rendering.given.context.get("order") or {}
    shown = tuple(_line(line, part, rendering) for line in order.get("lines", ()) if line.get("name"))
    if shown:
        return ShownLines(shown, rendering.line(part.id, "review_link_text", part.review_link_text))
    text = gettext("There are no products to show: nothing ordered started this.")
    rendering.found(part.id, "", "no_order", text, is_warning=True)
    return None


def _line(line: dict[str, Any], part: OrderLines, rendering: _Rendering) -> ShownLine:
    return ShownLine(
        name=one_line(str(line["name"])),
        variant=one_line(str(line.get("variant") or "")),
        quantity=max(1, int(line.get("quantity") or 1)),
        image_url=rendering.address(str(line.get("image_url") or "")) if part.has_pictures else "",
        review_url=rendering.address(str(line.get("review_url") or "")),
    )


def safe_url(url: str, base_url: str) -> str:
    """An absolute address that may be linked to, percent-encoded where it must be; "" for any other.

    Paths are made absolute with `base_url`; http, https (with a host) and mailto are allowed.
    """
    url = one_line(url).strip()
    if url.startswith("/"):
        url = urljoin(base_url, url)
    try:
        pieces = urlsplit(url)
        has_target = bool(pieces.hostname) if pieces.scheme in {"http", "https"} else bool(pieces.path)
    except ValueError:
        return ""
    if pieces.scheme not in SCHEMES or not has_target:
        return ""
    return _encoded(url)


def _encoded(url: str) -> str:
    """Encode spaces, quotes, brackets and the like; what is encoded already, and any letter of any script, stays."""
    return UNFIT.sub(lambda found: quote(found[0]), url)


def _available(locale: str) -> str:
    """The language in which our own words are said: that of the mail as far as Django knows it, else the site's."""
    return locale if translation.check_for_language(locale) else locale.split("-")[0] or "en"


def _is_right_to_left(locale: str) -> bool:
    return locale.lower().split("-")[0] in {"ar", "arc", "ckb", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"}
