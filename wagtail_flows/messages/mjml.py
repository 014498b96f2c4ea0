"""Shown parts to HTML, by way of MJML. Pure; mrml compiles in this process and reads nothing from outside.

Mails of one kind differ in their words only, and compiling takes longer than everything else about one. So the MJML has
a gap wherever words stand; it is compiled once for all mails of its shape, and each mail's words, escaped here, are put
into the gaps. That they are nothing that MJML could read keeps them from spoiling the mail, too.
"""

from __future__ import annotations

import html
import re

from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import assert_never

import mrml

from django.utils.translation import gettext

from wagtail_flows.messages.fragment import to_xhtml
from wagtail_flows.messages.parts import (
    Footer,
    ShownButton,
    ShownHeading,
    ShownLine,
    ShownLines,
    ShownPart,
    ShownText,
)


# Fonts that are there already: a web font would tell a third party who opened what.
FONTS = "-apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
PICTURE_WIDTH = 72
# So many shapes are kept: one for each arrangement of parts, direction and language.
MOST_FRAMES = 256
GAP = "gap-{}-pag"
IS_GAP = re.compile(r"gap-([0-9]+)-pag")
# Fills the rest of the preview line, so that it doesn't go on with the first words of the body.
PREHEADER_FILL = "\u034f\u200c\u00a0" * 60

STYLE = """
h1, h2 { margin: 0; }
.lines td { vertical-align: top; }
@media (prefers-color-scheme: dark) {
  body, .page { background-color: #15171c !important; }
  .card, .card > table { background-color: #22252c !important; }
  .card h1, .card h2, .card p, .card li, .card div, .card .name { color: #f1f3f5 !important; }
  .card .faint { color: #b3bac5 !important; }
  .card a.link, .foot a.link { color: #9cc2ff !important; }
  .foot p, .foot div { color: #aab1bd !important; }
  .button a { color: #ffffff !important; }
}
"""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What surrounds the parts. `language` is BCP 47; all text is plain and escaped here."""

    subject: str
    preheader: str
    language: str
    is_right_to_left: bool
    footer: Footer

    @property
    def direction(self) -> str:
        return "rtl" if self.is_right_to_left else "ltr"

    @property
    def side(self) -> str:
        return "right" if self.is_right_to_left else "left"


@dataclass(slots=True)
class _Words:
    """What is put into the gaps, in their order: HTML, fit for where it will stand."""

    put: list[str] = field(default_factory=list)

    def gap(self, words: str) -> str:
        self.put.append(words)
        return GAP.format(len(self.put) - 1)


def to_html(parts: tuple[ShownPart, ...], envelope: Envelope) -> str:
    """The whole mail, well-formed whatever the parts contain. Raises ValueError where mrml refuses, which it never
    does.
    """
    words = _Words()
    texts, gaps = _frame(_mjml(parts, envelope, words))
    return "".join(chain.from_iterable(zip(texts, [*(words.put[gap] for gap in gaps), ""], strict=True)))


@lru_cache(maxsize=MOST_FRAMES)
def _frame(mjml: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The HTML around the gaps, and the numbers of these: one may stand in several places."""
    try:
        compiled = mrml.to_html(mjml, render_options=mrml.RenderOptions(disable_comments=True, fonts={})).content
    except OSError as error:
        raise ValueError(str(error)) from error
    pieces = IS_GAP.split(compiled)
    return tuple(pieces[::2]), tuple(map(int, pieces[1::2]))


def _mjml(parts: tuple[ShownPart, ...], envelope: Envelope, words: _Words) -> str:
    head = _head(envelope, words)
    body = "".join(_part(part, envelope.side, words) for part in parts)
    return (
        f'<mjml lang="{_attribute(envelope.language)}" dir="{envelope.direction}">{head}'
        '<mj-body background-color="#f2f4f7" css-class="page">'
        f'<mj-section css-class="card" background-color="#ffffff" padding="28px 8px" direction="{envelope.direction}">'
        f'<mj-column direction="{envelope.direction}">{body}</mj-column></mj-section>'
        f"{_footer(envelope, words)}</mj-body></mjml>"
    )


def _head(envelope: Envelope, words: _Words) -> str:
    # The title stands in an attribute too.
    title = words.gap(_attribute(envelope.subject))
    said = _text(envelope.preheader) + PREHEADER_FILL
    preview = f"<mj-preview>{words.gap(said)}</mj-preview>" if envelope.preheader else ""
    return (
        f"<mj-head><mj-title>{title}</mj-title>{preview}"
        f'<mj-attributes><mj-all font-family="{FONTS}" />'
        '<mj-text font-size="16px" line-height="1.5" color="#1f2933" />'
        '<mj-button font-size="16px" background-color="#1d4ed8" color="#ffffff" border-radius="6px" '
        'inner-padding="13px 26px" />'
        f"</mj-attributes><mj-style>{STYLE}</mj-style>"
        '<mj-raw><meta name="color-scheme" content="light dark" />'
        '<meta name="supported-color-schemes" content="light dark" /></mj-raw>'
        "</mj-head>"
    )


def _part(part: ShownPart, side: str, words: _Words) -> str:
    match part:
        case ShownHeading():
            return _heading(part, side, words)
        case ShownText():
            return f'<mj-text align="{side}" padding-bottom="0">{words.gap(to_xhtml(part.fragment))}</mj-text>'
        case ShownButton():
            href, label = words.gap(_attribute(part.url)), words.gap(_text(part.label))
            return f'<mj-button css-class="button" align="{side}" href="{href}">{label}</mj-button>'
        case ShownLines():
            return _lines(part, side, words)
        case _:
            assert_never(part)


def _heading(part: ShownHeading, side: str, words: _Words) -> str:
    size, above = ("26px", "10px") if part.level == 1 else ("20px", "22px")
    return (
        f'<mj-text align="{side}" font-size="{size}" line-height="1.25" font-weight="700" padding-top="{above}">'
        f'<h{part.level} style="margin:0;font-size:{size};line-height:1.25;font-weight:700">'
        f"{words.gap(_text(part.text))}</h{part.level}></mj-text>"
    )


def _lines(part: ShownLines, side: str, words: _Words) -> str:
    rows = "".join(_line(line, part.review_link_text, side) for line in part.lines)
    return (
        '<mj-table css-class="lines" role="presentation" font-size="16px" line-height="1.45" padding="6px 25px">'
        f"{words.gap(rows)}</mj-table>"
    )


def _line(line: ShownLine, review_link_text: str, side: str) -> str:
    picture = _picture(line) if line.image_url else ""
    span, gap = ("", 14) if picture else (' colspan="2"', 0)
    style = f"padding:8px 0;padding-{side}:{gap}px;text-align:{side}"
    return f'<tr>{picture}<td{span} align="{side}" style="{style}">{_line_words(line, review_link_text)}</td></tr>'


def _picture(line: ShownLine) -> str:
    return (
        f'<td width="{PICTURE_WIDTH}" style="width:{PICTURE_WIDTH}px;padding:8px 0">'
        f'<img src="{_attribute(line.image_url)}" alt="{_attribute(line.name)}" width="{PICTURE_WIDTH}" '
        f'style="width:{PICTURE_WIDTH}px;max-width:{PICTURE_WIDTH}px;height:auto;border:0;border-radius:6px;'
        'display:block" /></td>'
    )


def _line_words(line: ShownLine, review_link_text: str) -> str:
    details = " · ".join(detail for detail in (line.variant, f"× {line.quantity}") if detail)
    words = (
        f'<div class="name" style="color:#1f2933;font-weight:600">{_text(line.name)}</div>'
        f'<div class="faint" style="color:#52606d;font-size:14px">{_text(details)}</div>'
    )
    if line.review_url and review_link_text:
        words += (
            f'<div style="padding-top:4px"><a class="link" href="{_attribute(line.review_url)}" '
            f'style="color:#1d4ed8;text-decoration:underline">{_text(review_link_text)}</a></div>'
        )
    return words


def _footer(envelope: Envelope, words: _Words) -> str:
    footer = envelope.footer
    address = _text(" · ".join(line.strip() for line in footer.postal_address.splitlines() if line.strip()))
    link = (
        f'<a class="link" href="{_attribute(footer.unsubscribe_url)}" style="color:#1d4ed8;text-decoration:underline">'
        f"{_text(gettext('Unsubscribe'))}</a>"
        if footer.unsubscribe_url
        else ""
    )
    said = [line for line in (_text(footer.sender_name), address, _text(footer.why), link) if line]
    if not said:
        return ""
    paragraphs = words.gap("".join(f'<p style="margin:0 0 6px;color:#52606d">{line}</p>' for line in said))
    return (
        f'<mj-section css-class="foot" padding="12px 8px 28px" direction="{envelope.direction}">'
        f'<mj-column direction="{envelope.direction}">'
        f'<mj-text align="center" font-size="13px" line-height="1.5" color="#52606d">{paragraphs}</mj-text>'
        "</mj-column></mj-section>"
    )


def _text(words: str) -> str:
    return html.escape(words, quote=False)


def _attribute(words: str) -> str:
    return html.escape(words, quote=True)
