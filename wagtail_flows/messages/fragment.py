"""A small tree of allowed HTML, so that whatever was written or personalized comes out well-formed and harmless.

MJML is XML and refuses unclosed tags and bare `<`; and no tag may reach a mail that the editor's toolbar doesn't offer.
"""

from __future__ import annotations

import html

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser
from typing import TypeAlias


BLOCKS = frozenset({"p", "ul", "ol", "li"})
INLINE = frozenset({"b", "strong", "i", "em", "a", "br"})
# Their contents are code or foreign matter, not words: they go with the tag.
SWALLOWED = frozenset({"script", "style", "template", "iframe", "object", "svg", "math", "title", "head", "noscript"})
VOID = frozenset({"br"})
SAME = {"strong": "b", "em": "i"}


@dataclass(frozen=True, slots=True)
class Element:
    """One allowed tag; `href` is set on `a` only."""

    tag: str
    children: Fragment = ()
    href: str = ""


Node: TypeAlias = Element | str
Fragment: TypeAlias = tuple[Node, ...]


@dataclass(slots=True)
class _Open:
    tag: str
    href: str = ""
    children: list[Node] = field(default_factory=list)

    def closed(self) -> Element:
        return Element(self.tag, tuple(self.children), self.href)


class _Builder(HTMLParser):
    """Reads tag soup: unknown tags are dropped and their words kept, whatever stays open is closed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [_Open("")]
        self.swallowing = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SWALLOWED:
            self.swallowing += 1
        if self.swallowing or tag not in BLOCKS | INLINE:
            return
        if tag in VOID:
            self.open[-1].children.append(Element(tag))
            return
        if tag in BLOCKS:
            self._close_for_block(tag)
        self.open.append(_Open(SAME.get(tag, tag), dict(attrs).get("href") or ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # `<svg/>` opens nothing, so it must not start to swallow what follows.
        if tag in VOID:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in SWALLOWED:
            self.swallowing = max(0, self.swallowing - 1)
        self._close_through(SAME.get(tag, tag))

    def handle_data(self, data: str) -> None:
        if not self.swallowing:
            self.open[-1].children.append(data)

    def _close_for_block(self, tag: str) -> None:
        """A paragraph can't stand in a paragraph, nor an item in an item of the same list."""
        names = [element.tag for element in self.open]
        lists = max((i for i, name in enumerate(names) if name in {"ul", "ol"}), default=0)
        for name in ("p", "li") if tag == "li" else ("p",):
            if name in names[lists:]:
                self._close_through(name)

    def _close_through(self, tag: str) -> None:
        if tag and tag in [element.tag for element in self.open[1:]]:
            while self._close_one() != tag:
                pass

    def _close_one(self) -> str:
        closed = self.open.pop()
        self.open[-1].children.append(closed.closed())
        return closed.tag

    def finished(self) -> Fragment:
        self.close()
        while len(self.open) > 1:
            self._close_one()
        return tuple(self.open[0].children)


# Most texts say the same to everybody of a batch.
@lru_cache(maxsize=64)
def parse(source: str) -> Fragment:
    """Read any HTML into allowed nodes; never fails. Empty paragraphs (left by Liquid conditions) are dropped."""
    builder = _Builder()
    builder.feed(source)
    return tuple(node for node in builder.finished() if not _is_empty(node))


def _is_empty(node: Node) -> bool:
    return not words((node,)).strip() and not (isinstance(node, Element) and node.tag == "br")


def words(fragment: Fragment) -> str:
    """All text, without any tag."""
    return "".join(node if isinstance(node, str) else words(node.children) for node in fragment)


def with_links(fragment: Fragment, address: Callable[[str], str]) -> Fragment:
    """Pass each href through `address`; where it answers "" the link goes and its words stay."""
    return tuple(_linked(fragment, address))


def _linked(fragment: Fragment, address: Callable[[str], str]) -> Iterable[Node]:
    for node in fragment:
        if isinstance(node, str):
            yield node
            continue
        children = with_links(node.children, address)
        href = address(node.href) if node.tag == "a" else ""
        if node.tag == "a" and not href:
            yield from children
        else:
            yield Element(node.tag, children, href)


STYLES = {
    "p": "margin:0 0 14px",
    "ul": "margin:0 0 14px;padding-inline-start:24px",
    "ol": "margin:0 0 14px;padding-inline-start:24px",
    "li": "margin:0 0 6px",
    "a": "color:#1d4ed8;text-decoration:underline",
}


def to_xhtml(fragment: Fragment) -> str:
    """Serialise as well-formed XML with the styles that mail readers need inline."""
    return "".join(html.escape(node) if isinstance(node, str) else _element(node) for node in fragment)


def _element(element: Element) -> str:
    if element.tag in VOID:
        return f"<{element.tag} />"
    href = f' href="{html.escape(element.href)}" class="link"' if element.tag == "a" else ""
    style = f' style="{STYLES[element.tag]}"' if element.tag in STYLES else ""
    return f"<{element.tag}{href}{style}>{to_xhtml(element.children)}</{element.tag}>"
