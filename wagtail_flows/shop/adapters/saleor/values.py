"""Single values of Saleor's bodies, into ours or into None. Nothing here raises: an odd value was not told."""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from wagtail_flows.shop.facts import Moment


LONGEST_ID = 120
LARGEST_QUANTITY = 2**31 - 1
LARGEST_AMOUNT = Decimal(10) ** 10
LONGEST_METADATA = 100
FIRST_YEAR, LAST_YEAR = 1990, 2200

# What a carrier's integration writes into the metadata of a fulfilment or an order once a parcel arrived.
DELIVERED_AT_KEYS = ("delivered_at", "deliveredAt", "delivered_on")
DELIVERY_STATUS_KEYS = ("delivery_status", "deliveryStatus", "shipment_status")
DELIVERED_STATUS = "delivered"
NO_ANSWERS = frozenset({"", "0", "false", "no", "none", "null", "pending"})

_GLOBAL_ID = re.compile(r"[A-Za-z]+:[0-9A-Za-z-]+")
_LOCALE = re.compile(r"[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8})*")
_EPOCH_SECONDS = re.compile(r"\d{9,10}(\.\d+)?")


def mapping(value: Any) -> Mapping[str, Any]:
    """The object, or an empty one: `mapping(order.get("user")).get("email")` reads through what may be null."""
    return value if isinstance(value, dict) else {}


def objects(value: Any) -> list[Mapping[str, Any]] | None:
    """A list of objects, without what is none; None where no list was told."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else None


def text(value: Any, longest: int = 250) -> str | None:
    """One line that every database takes, "" included. A number becomes its digits; anything else was not told."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
        value = str(value)
    if not isinstance(value, str):
        return None
    clean = "".join(" " if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} else c for c in value[: 4 * longest])
    return clean.strip()[:longest].rstrip()


def filled(value: Any, longest: int = 250) -> str | None:
    """A text that says something; blank was not told."""
    return text(value, longest) or None


def identity(value: Any) -> str | None:
    """An id, kept as it came. One that is too long or odd is none: cut to size it would meet another."""
    return (
        value if isinstance(value, str) and 0 < len(value) <= LONGEST_ID and text(value, LONGEST_ID) == value else None
    )


def is_global_id(value: str) -> bool:
    """Whether this is the base64 of `Type:key`. Saleor shows it as the name of a variant that has none."""
    try:
        decoded = base64.b64decode(value, validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return False
    return bool(_GLOBAL_ID.fullmatch(decoded))


def variant_name(value: Any) -> str | None:
    """The name of a variant as a customer may see it; "" where it is only the variant's id."""
    name = text(value)
    return "" if name and is_global_id(name) else name


def quantity(value: Any) -> int | None:
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_QUANTITY
    return value if is_count else None


def amount(value: Any) -> Decimal | None:
    """Money, from `41.99` (read as Decimal, never as float) or `"41.99"`, to four places."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    try:
        number = Decimal(value if not isinstance(value, str) else value[:40])
        return number.quantize(Decimal("0.0001")) if abs(number) < LARGEST_AMOUNT else None
    except (InvalidOperation, ValueError):
        return None


def moment(value: Any) -> datetime | None:
    """An ISO 8601 time, aware and in UTC. Cut to milliseconds: one shape of body tells micro-, the other milliseconds.

    Without an offset it counts as UTC, and a date alone as its noon, which is that day nearly everywhere.
    """
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        if len(value) == len("2026-01-31"):
            return _in_utc(datetime.combine(date.fromisoformat(value), time(12), UTC))
        return to_milliseconds(datetime.fromisoformat(value))
    except (ValueError, OverflowError):
        return None


def precise_moment(value: Any) -> datetime | None:
    """An ISO 8601 time with all its digits: when a message was said, by which messages are put in order."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) and len(value) <= 40 else None
        return found and _in_utc(found)
    except (ValueError, OverflowError):
        return None


def to_milliseconds(value: datetime) -> datetime:
    utc = _in_utc(value)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def _in_utc(value: datetime) -> datetime:
    utc = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    if not FIRST_YEAR <= utc.year <= LAST_YEAR:
        raise ValueError(f"{utc.year} is not a year in which a shop sells")
    return utc


def locale(value: Any) -> str | None:
    """`PL` and `pl` become `pl`, `PT_BR` becomes `pt-BR`, `ZH_HANS_CN` becomes `zh-Hans-CN`."""
    if not isinstance(value, str) or len(value) > 35 or not _LOCALE.fullmatch(value):
        return None
    language, *subtags = re.split("[_-]", value)
    return "-".join([language.lower(), *(_subtag(tag) for tag in subtags)])


def _subtag(tag: str) -> str:
    return {2: tag.upper(), 4: tag.title()}.get(len(tag), tag.lower())


def word(value: Any) -> str | None:
    """A state: `PARTIALLY_FULFILLED`, `partially fulfilled` and `fully-charged` become words with underscores."""
    told = filled(value, 40)
    return re.sub(r"[\s-]+", "_", told).lower() if told else None


def currency(value: Any) -> str | None:
    return value.upper() if isinstance(value, str) and re.fullmatch("[A-Za-z]{3}", value) else None


def web_address(value: Any) -> str | None:
    """An http(s) URL that may stand in an e-mail; anything else was not told."""
    if not isinstance(value, str) or len(value) > 1000 or text(value, 1000) != value or " " in value:
        return None
    try:
        parts = urlsplit(value)
    except ValueError:
        return None
    return value if parts.scheme in {"http", "https"} and parts.netloc else None


def metadata(value: Any) -> tuple[tuple[str, str], ...] | None:
    """Public metadata, sorted: `{"k": "v"}` of a legacy body, or `[{"key": "k", "value": "v"}]` of a subscription."""
    pairs: Iterable[tuple[Any, Any]]
    if isinstance(value, dict):
        pairs = value.items()
    elif isinstance(value, list):
        pairs = [(item.get("key"), item.get("value")) for item in value if isinstance(item, dict)]
    else:
        return None
    told = {key: read for k, v in pairs if (key := filled(k)) and (read := text(v, 1000)) is not None}
    return tuple(sorted(told.items())[:LONGEST_METADATA])


def delivered(pairs: tuple[tuple[str, str], ...] | None) -> Moment | None:
    """What metadata tells about the arrival: a date, or only that it arrived, or nothing."""
    told = dict(pairs or ())
    for key in DELIVERED_AT_KEYS:
        value = told.get(key, "")
        if value.lower() not in NO_ANSWERS:
            return Moment(moment(value) or _from_epoch(value))
    states = (told.get(key, "").lower() for key in DELIVERY_STATUS_KEYS)
    return Moment() if DELIVERED_STATUS in states else None


def _from_epoch(value: str) -> datetime | None:
    return datetime.fromtimestamp(int(value.partition(".")[0]), UTC) if _EPOCH_SECONDS.fullmatch(value) else None
