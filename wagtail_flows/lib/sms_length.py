"""How long a text is as SMS (3GPP TS 23.038): its alphabet, and into how many it is cut. Pure."""

from __future__ import annotations

import math

from dataclasses import dataclass


# The default alphabet of 7 bits; the characters of its extension count twice.
GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")


@dataclass(frozen=True, slots=True)
class SmsLength:
    """`units`: what is counted, septets or UTF-16 units. `strange`: the first character that isn't in the alphabet of 7
    bits, so that every one takes 16; "" where all are in it.
    """

    units: int
    segments: int
    strange: str = ""


def sms_length(text: str) -> SmsLength:
    """Measure a text. An empty one is one segment, too."""
    strange = next((one for one in text if one not in GSM7 and one not in EXTENSION), "")
    if strange:
        units = len(text.encode("utf-16-be", "surrogatepass")) // 2
        return SmsLength(units, _segments(units, 70, 67), strange)
    units = len(text) + sum(one in EXTENSION for one in text)
    return SmsLength(units, _segments(units, 160, 153))


def _segments(units: int, alone: int, together: int) -> int:
    """Each part of a longer text loses some room to the number that joins it to the others."""
    return 1 if units <= alone else math.ceil(units / together)
