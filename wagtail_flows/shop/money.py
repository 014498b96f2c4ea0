"""Amounts with as many places as their currency has. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import overload


# ISO 4217: currencies without a smaller unit. The others have two places here, or more where the amount needs them.
WITHOUT_CENTS = frozenset({
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF",
    "XPF",
})  # fmt: skip


@overload
def money(amount: Decimal, currency: str) -> Decimal: ...
@overload
def money(amount: None, currency: str) -> None: ...
def money(amount: Decimal | None, currency: str) -> Decimal | None:
    """`41.9900` becomes `41.99`, and `1200.0000` yen become `1200`: what isn't zero is never cut off."""
    if amount is None:
        return None
    exponent = amount.normalize().as_tuple().exponent
    needed = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    places = max(0 if currency in WITHOUT_CENTS else 2, needed)
    return amount.quantize(Decimal(1).scaleb(-places))
