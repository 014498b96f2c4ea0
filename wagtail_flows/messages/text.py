"""Shown parts to the text part of a mail: lines of at most 78 characters, links written out. Pure."""

from __future__ import annotations

import textwrap

from collections.abc import Iterator
from functools import lru_cache
from typing import assert_never

from django.utils.translation import gettext

from wagtail_flows.messages.fragment import Element, Fragment
from wagtail_flows.messages.parts import (
    Footer,
    ShownButton,
    ShownHeading,
    ShownLine,
    ShownLines,
    ShownPart,
    ShownText,
)


# RFC 5322, 2.1.1: lines should be no more than 78 characters. An address is never broken, whatever its length.
WIDTH = 78
# The signature delimiter (RFC 3676, 4.3): two dashes and a space. Mail programs show what follows apart.
DELIMITER = "-- "


def to_text(parts: tuple[ShownPart, ...], footer: Footer) -> str:
    """The whole text part: paragraphs between blank lines, the footer last, one line break at the end."""
    paragraphs = [paragraph for part in parts for paragraph in _paragraphs(part) if paragraph.strip()]
    below = _footer(footer)
    if below:
        paragraphs.append(f"{DELIMITER}\n{below}")
    return "\n\n".join(paragraphs) + "\n"


def _paragraphs(part: ShownPart) -> Iterator[str]:
    match part:
        case ShownHeading():
            title = _wrapped(part.text)
            yield f"{title}\n{('=' if part.level == 1 else '-') * max(map(len, title.splitlines() or ['']))}"
        case ShownText():
            yield from _blocks(part.fragment)
        case ShownButton():
            yield f"{_wrapped(part.label)}\n{part.url}"
        case ShownLines():
            yield "\n".join(_line(line, part.review_link_text) for line in part.lines)
        case _:
            assert_never(part)


def _line(line: ShownLine, review_link_text: str) -> str:
    about = ", ".join(words for words in (line.name, line.variant) if words)
    rows = [_wrapped(f"{line.quantity} × {about}", first="* ", rest="  ")]
    if line.review_url and review_link_text:
        rows += [_wrapped(review_link_text, first="  ", rest="  "), f"  {line.review_url}"]
    return "\n".join(rows)


def _footer(footer: Footer) -> str:
    said = [footer.sender_name, *footer.postal_address.splitlines(), footer.why]
    lines = [_wrapped(words) for words in said if words.strip()]
    if footer.unsubscribe_url:
        lines.append(f"{gettext('Unsubscribe')}\n{footer.unsubscribe_url}")
    return "\n".join(lines)


def _blocks(fragment: Fragment) -> Iterator[str]:
    """One paragraph for each block; words that stand loose between blocks are a paragraph too."""
    loose = ""
    for node in fragment:
        if isinstance(node, Element) and node.tag in {"p", "ul", "ol", "li"}:
            yield _wrapped(loose)
            loose = ""
            yield _list(node) if node.tag in {"ul", "ol"} else _wrapped(_inline(node.children))
        else:
            loose += _inline((node,))
    yield _wrapped(loose)


def _list(element: Element, indent: str = "") -> str:
    """Items with their marks; a list in an item stands below it, further in."""
    rows = []
    items = [child for child in element.children if isinstance(child, Element) and child.tag == "li"]
    for number, item in enumerate(items, start=1):
        mark = f"{indent}{number}. " if element.tag == "ol" else f"{indent}* "
        own = tuple(child for child in item.children if not _is_list(child))
        rows.append(_wrapped(_inline(own), first=mark, rest=" " * len(mark)))
        rows += [
            _list(child, " " * len(mark)) for child in item.children if isinstance(child, Element) and _is_list(child)
        ]
    return "\n".join(rows)


def _is_list(node: Element | str) -> bool:
    return isinstance(node, Element) and node.tag in {"ul", "ol"}


def _inline(fragment: Fragment) -> str:
    return "".join(node if isinstance(node, str) else _inline_element(node) for node in fragment)


def _inline_element(element: Element) -> str:
    words = _inline(element.children)
    if element.tag == "br":
        return "\n"
    if element.tag != "a" or not element.href:
        return words
    # Angle brackets end an address safely (RFC 3986, appendix C): a full stop after it doesn't become part of it.
    bare = element.href.removeprefix("mailto:")
    return f"<{bare}>" if words.strip() == bare else f"{words} <{bare}>"


# Most paragraphs say the same to everybody of a batch.
@lru_cache(maxsize=512)
def _wrapped(words: str, first: str = "", rest: str = "") -> str:
    """Break at plain spaces only: hard spaces, as French puts before its marks, hold the words together."""
    rows: list[str] = []
    for line in words.strip().split("\n"):
        lead = rest if rows else first
        rows += textwrap.wrap(
            line.strip(" "),
            WIDTH,
            initial_indent=lead,
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
        )
    return "\n".join(rows)
