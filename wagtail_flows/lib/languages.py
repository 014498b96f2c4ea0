"""From the language of a person to one that the site speaks."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import get_language_info, get_supported_language_variant


def spoken(codes: Iterable[str], fallback: str) -> str:
    """The first of these BCP 47 codes that the site has, or whose general form it has (pl-PL → pl); else
    `fallback`.
    """
    for code in codes:
        found = _variant(code)
        if found:
            return found
    return fallback


def language_name(code: str) -> str:
    """What a BCP 47 language is called in the active one, with its country where it has one: French, Portuguese
    (Brazil). A language that nobody knows keeps its code.
    """
    try:
        return str(get_language_info(code.replace("_", "-").lower())["name_translated"])
    except LookupError:
        return code


def _variant(code: str) -> str | None:
    if not code:
        return None
    try:
        return get_supported_language_variant(code.replace("_", "-").lower())
    except LookupError:
        return None
