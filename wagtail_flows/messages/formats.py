"""Money, dates and numbers as people of the active language write them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone, translation
from django.utils.formats import date_format, number_format


# ISO 4217: how many decimals a currency has, where not two.
DECIMALS = {
    "JPY": 0,
    "KRW": 0,
    "VND": 0,
    "CLP": 0,
    "ISK": 0,
    "XAF": 0,
    "XOF": 0,
    "KWD": 3,
    "BHD": 3,
    "TND": 3,
    "JOD": 3,
}
SYMBOLS = {
    "EUR": "€",
    "GBP": "£",
    "USD": "$",
    "JPY": "¥",
    "PLN": "zł",
    "CHF": "CHF",
    "CZK": "Kč",
    "SEK": "kr",
    "NOK": "kr",
}
# Unicode CLDR: these write the symbol before the amount, without a space.
SYMBOL_FIRST = frozenset({"en", "ja", "zh", "ko"})
HARD_SPACE = "\xa0"


def money(amount: Decimal, currency: str) -> str:
    """41.99 EUR is €41.99 in English and 41,99 € in French; an unknown currency stands with its code."""
    number = number_format(amount, DECIMALS.get(currency, 2), use_l10n=True, force_grouping=True)
    symbol = SYMBOLS.get(currency, currency)
    language = (translation.get_language() or "en").split("-")[0]
    if language in SYMBOL_FIRST and not symbol[-1:].isalpha():
        return f"{symbol}{number}"
    return f"{number}{HARD_SPACE}{symbol}" if symbol else str(number)


def day(moment: date | datetime) -> str:
    """The day of a moment, in the site's time zone."""
    if isinstance(moment, datetime):
        moment = timezone.localtime(moment)
    return date_format(moment, "DATE_FORMAT")


def localized(data: Mapping[str, Any]) -> dict[str, Any]:
    """The dictionary with its decimals as money, if it or what holds it names a currency, and its dates as words."""
    return {key: _shown(value, str(data.get("currency") or "")) for key, value in data.items()}


def _shown(value: Any, currency: str) -> Any:
    match value:
        case Decimal():
            return money(value, currency) if currency else number_format(value, use_l10n=True)
        case date():
            return day(value)
        case Mapping():
            return localized({"currency": currency, **value} if currency else value)
        case list() | tuple():
            return [_shown(item, currency) for item in value]
        case None:
            return ""
        case _:
            return value
