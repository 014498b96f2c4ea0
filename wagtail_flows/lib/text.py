"""Text as it is compared: one folded form, made here and stored beside the text. Pure."""

from __future__ import annotations

import unicodedata


def fold(text: str) -> str:
    """`text` without its case, its ways to write accents, and the space around it (Unicode 3.13, D145: canonical
    caseless match).
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold()).strip()
