"""Telephone numbers, in the one form that the whole world reads alike: E.164. Pure."""

from __future__ import annotations

import re


# What people put between the digits to read them more easily.
SPACING = re.compile(r"[\s.\-\u2010-\u2013\u00a0\u202f]+")
# ITU-T E.164 §6.2: a country code, which never starts with 0, and at most 15 digits in all.
E164 = re.compile(r"\+[1-9][0-9]{6,14}\Z")


def e164(text: str) -> str | None:
    """The number without its spacing, such as +33612345678; None for what isn't written with its country code."""
    number = SPACING.sub("", text)
    return number if E164.match(number) else None
