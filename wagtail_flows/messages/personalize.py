"""Personalize: Liquid source and a closed context in, the words for one person out. Pure."""

from __future__ import annotations

import html
import re

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext
from liquid.exceptions import LiquidError, LiquidSyntaxError, ResourceLimitError
from liquid.template import BoundTemplate

from wagtail_flows.exceptions import FlowsError
from wagtail_flows.messages.liquid import FILTERS, MARKUP, MAX_ITERATIONS, MAX_SOURCE, PLAIN, has_long_range


Context = Mapping[str, Any]
# What may be asked for: first name → the names below it, or None where they can't be known beforehand.
KnownNames = Mapping[str, frozenset[str] | None]

LIQUID = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
OPENING = re.compile(r"\{[{%]")
TAG = re.compile(r"<[^>]*>")
# Characters that XML forbids or no encoding knows, and the marks that reverse the text around them: a name that carries
# one of these must neither break the mail nor turn the words of others around.
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\u202a-\u202e]"
)
LINE_BREAKS = re.compile(
    "[\t\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029 ]*[\t\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029][\t\r\n\u2028\u2029 ]*"
)


class NotPersonalizable(FlowsError):
    """This Liquid can't be rendered; trying again doesn't help. The message is a translated sentence for its author."""


def personalize(source: str, context: Context, *, markup: bool = False) -> str:
    """Render `source`. With `markup` the source is HTML and every value is escaped; without, both are plain text.

    Values are never read as Liquid. Raises NotPersonalizable for a syntax error, an unknown filter or a limit reached.
    """
    if not OPENING.search(source):
        return cleaned(source)
    template = compiled(source, markup=markup)
    try:
        return cleaned(template.render(context))
    except (LiquidError, ArithmeticError, ValueError, TypeError, RecursionError) as error:
        # python-liquid lets some errors of Python's arithmetic and conversions through its filters.
        raise NotPersonalizable(sentence(error)) from error


def personalize_line(source: str, context: Context) -> str:
    """Render plain text that must stay on one line, such as a subject: no value can start a new header."""
    return one_line(personalize(source, context))


def cleaned(text: str) -> str:
    """Without the characters that no mail may carry, and with one kind of line break."""
    # Nothing that can be printed is forbidden, or breaks a line; most texts are nothing else.
    if text.isprintable():
        return text
    return FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def one_line(text: str) -> str:
    """Line breaks become spaces; other spaces, such as those of French typography, stay what they are."""
    return (text if text.isprintable() else cleaned(LINE_BREAKS.sub(" ", text))).strip(" ")


@lru_cache(maxsize=2048)
def compiled(source: str, *, markup: bool = False) -> BoundTemplate:
    """The parsed template, kept by its source: a new revision can never meet an old parse. Raises NotPersonalizable."""
    if len(source) > MAX_SOURCE:
        raise NotPersonalizable(
            gettext("This text is too long to be personalized: at most %(limit)d characters.") % {"limit": MAX_SOURCE}
        )
    try:
        template = MARKUP.from_string(with_plain_tags(source)) if markup else PLAIN.from_string(source)
        filters = template.analyze().filters
    except (LiquidError, ValueError, RecursionError) as error:
        raise NotPersonalizable(sentence(error)) from error
    # The parser takes any name for a filter and would complain only when the mail is due.
    unknown = sorted(set(filters) - FILTERS)
    if unknown:
        raise NotPersonalizable(gettext("There is no filter “%(name)s”.") % {"name": unknown[0]})
    if has_long_range(template):
        raise NotPersonalizable(
            gettext("A range such as (1..10) needs two numbers that are at most %(limit)d apart.")
            % {"limit": MAX_ITERATIONS}
        )
    return template


def with_plain_tags(source: str) -> str:
    """Rich text with its Liquid as typed: the editor stores quotes as entities and may put tags or hard spaces in."""
    return LIQUID.sub(lambda match: html.unescape(TAG.sub("", match.group())).replace("\xa0", " "), source)


def complaint(source: str, *, markup: bool = False) -> str:
    """The sentence that says what is wrong with this Liquid; empty when nothing is."""
    try:
        compiled(source, markup=markup)
    except NotPersonalizable as error:
        return str(error)
    return ""


def unknown_names(source: str, known: KnownNames, *, markup: bool = False) -> tuple[str, ...]:
    """The variables that nothing will ever fill, as written, in order. Empty for source that can't be parsed."""
    try:
        template = compiled(source, markup=markup)
    except NotPersonalizable:
        return ()
    paths = (variable.segments for found in template.analyze().globals.values() for variable in found)
    return tuple(dict.fromkeys(_written(path) for path in paths if not _is_known(path, known)))


def _is_known(path: list[Any], known: KnownNames) -> bool:
    if path[0] not in known:
        return False
    below = known[path[0]]
    return below is None or len(path) == 1 or path[1] in below or not isinstance(path[1], str)


def _written(path: list[Any]) -> str:
    return ".".join(str(segment) for segment in path)


def sentence(error: Exception) -> str:
    """Say in the reader's language what went wrong, with the spot where it did."""
    place = _place(error)
    if isinstance(error, ResourceLimitError):
        return gettext("This Liquid code does too much: too many repetitions, or too long a text.")
    if isinstance(error, LiquidSyntaxError) and place:
        return gettext("Near “%(place)s”: this Liquid code can't be read (%(detail)s).") % {
            "place": place,
            "detail": error.message,
        }
    detail = error.message if isinstance(error, LiquidError) else error
    return gettext("This Liquid code can't be used (%(detail)s).") % {"detail": detail}


def _place(error: Exception) -> str:
    """The tag in which the error is, shortened; empty where the parser doesn't say."""
    token = error.token if isinstance(error, LiquidError) else None
    if token is None or token.start_index < 0:
        return ""
    around = [
        match.group() for match in LIQUID.finditer(token.source) if match.start() <= token.start_index < match.end()
    ]
    return (around[0] if around else token.source[token.start_index :])[:60]
