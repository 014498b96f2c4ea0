"""Why a webhook was refused, ignored or failed: kept in English, shown in the reader's language.

Fixed sentences stand where they are needed, marked by `gettext_noop`. Those with something to fill in stand here, so
that a kept one is recognised again. Pure.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext, gettext_noop


NOT_UTF8 = gettext_noop("The body is not UTF-8 (byte %(byte)s).")
NOT_JSON = gettext_noop("The body is not JSON: %(error)s")
HEADER_LOST = gettext_noop("The header said %(header)s, the signed body tells %(body)s.")
WRONG_OBJECT = gettext_noop("The header said %(header)s, but the signed body holds %(body)s.")
TOO_LARGE = gettext_noop("The body is larger than %(bytes)s bytes.")
TEMPLATES = (NOT_UTF8, NOT_JSON, HEADER_LOST, WRONG_OBJECT, TOO_LARGE)
LONGEST = 250


def filled(template: str, **values: object) -> str:
    """One of the sentences above, in English, as it is kept."""
    return (template % values)[:LONGEST]


def shown(reason: str) -> str:
    """A kept reason in the active language; what isn't ours (an exception's own words) stays as it is."""
    if not reason:
        return ""  # gettext("") would be the head of the catalogue
    template, values = recognised(reason)
    return gettext(template) % values if values else gettext(reason)


def recognised(reason: str) -> tuple[str, dict[str, str]]:
    """The sentence that a kept reason was made of, and what was filled in; itself and nothing where it is fixed."""
    for template in TEMPLATES:
        found = _pattern(template).fullmatch(reason)
        if found:
            return template, found.groupdict()
    return reason, {}


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.*)", re.escape(template)), re.DOTALL)
