"""Shown parts to MJML, and MJML to HTML. Pure; mrml compiles in this process and reads nothing from outside."""

from __future__ import annotations

import html

from dataclasses import dataclass
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


def to_mjml(parts: tuple[ShownPart, ...], envelope: Envelope) -> str:
    """The whole mail as MJML: well-formed XML whatever the parts contain."""
    body = "".join(_part(part, envelope.side) for part in parts)
    return (
        f'<mjml lang="{_attribute(envelope.language)}" dir="{envelope.direction}">{_head(envelope)}'
        '<mj-body background-color="#f2f4f7" css-class="page">'
        f'<mj-section css-class="card" background-color="#ffffff" padding="28px 8px" direction="{envelope.direction}">'
        f'<mj-column direction="{envelope.direction}">{body}</mj-column></mj-section>'
        f"{_footer(envelope)}</mj-body></mjml>"
    )


def to_html(mjml: str) -> str:
    """Compile. Raises ValueError where mrml refuses, which well-formed input never makes it do."""
    try:
        return mrml.to_html(mjml, render_options=mrml.RenderOptions(disable_comments=True, fonts={})).content
    except OSError as error:
        raise ValueError(str(error)) from error


def _head(envelope: Envelope) -> str:
    preview = f"<mj-preview>{_text(envelope.preheader + PREHEADER_FILL)}</mj-preview>" if envelope.preheader else ""
    return (
        f"<mj-head><mj-title>{_text(envelope.subject)}</mj-title>{preview}"
        f'<mj-attributes><mj-all font-family="{FONTS}" />'
        '<mj-text font-size="16px" line-height="1.5" color="#1f2933" />'
        '<mj-button font-size="16px" background-color="#1d4ed8" color="#ffffff" border-radius="6px" '
        'inner-padding="13px 26px" />'
        f"</mj-attributes><mj-style>{STYLE}</mj-style>"
        '<mj-raw><meta name="color-scheme" content="light dark" />'
        '<meta name="supported-color-schemes" content="light dark" /></mj-raw>'
        "</mj-head>"
    )


def _part(part: ShownPart, side: str) -> str:
    match part:
        case ShownHeading():
            return _heading(part, side)
        case ShownText():
            return f'<mj-text align="{side}" padding-bottom="0">{to_xhtml(part.fragment)}</mj-text>'
        case ShownButton():
            href, label = _attribute(part.url), _text(part.label)
            return f'<mj-button css-class="button" align="{side}" href="{href}">{label}</mj-button>'
        case ShownLines():
            return _lines(part, side)
        case _:
            assert_never(part)


def _heading(part: ShownHeading, side: str) -> str:
    size, above = ("26px", "10px") if part.level == 1 else ("20px", "22px")
    return (
        f'<mj-text align="{side}" font-size="{size}" line-height="1.25" font-weight="700" padding-top="{above}">'
        f'<h{part.level} style="margin:0;font-size:{size};line-height:1.25;font-weight:700">{_text(part.text)}'
        f"</h{part.level}></mj-text>"
    )


def _lines(part: ShownLines, side: str) -> str:
    rows = "".join(_line(line, part.review_link_text, side) for line in part.lines)
    return (
        '<mj-table css-class="lines" role="presentation" font-size="16px" line-height="1.45" padding="6px 25px">'
        f"{rows}</mj-table>"
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


def _footer(envelope: Envelope) -> str:
    footer = envelope.footer
    address = _text(" · ".join(line.strip() for line in footer.postal_address.splitlines() if line.strip()))
    link = (
        f'<a class="link" href="{_attribute(footer.unsubscribe_url)}" style="color:#1d4ed8;text-decoration:underline">'
        f"{_text(gettext('Unsubscribe'))}</a>"
        if footer.unsubscribe_url
        else ""
    )
    said = [words for words in (_text(footer.sender_name), address, _text(footer.why), link) if words]
    if not said:
        return ""
    paragraphs = "".join(f'<p style="margin:0 0 6px;color:#52606d">{words}</p>' for words in said)
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
