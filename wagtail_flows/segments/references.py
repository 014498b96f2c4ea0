"""What clauses refer to (lists, e-mails, segments, pages …): known by id, looked up only where a rule names them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db.models import Field, Model, QuerySet

from wagtail_flows.lib.admin_policy import may


Viewer = AbstractBaseUser | AnonymousUser
Names = dict[str, str]

LONGEST_ID = 250
IDS_AT_ONCE = 500
LARGEST_ID = 2**31 - 1


@dataclass(frozen=True)
class Referred:
    """One kind of thing. `rows()` has the columns `key`, which rules keep, and `label`, which people read.

    `is_checked`: a rule that names one that doesn't exist is a problem. `allowed(user)`: which rows a user may choose
    (default: all of them with any permission on `model`, or on `seen_with` where one is given, else none).
    """

    kind: str
    model: type[Model]
    rows: Callable[[], QuerySet[Any, Any]]
    key: str = "public_id"
    label: str = "name"
    is_checked: bool = True
    allowed: Callable[[Viewer], QuerySet[Any, Any] | None] | None = None
    seen_with: type[Model] | None = None

    def names(self, ids: Iterable[str]) -> Names:
        """The labels of those that exist; of an unchecked kind all, at worst with the id as the label."""
        asked = {text for text in ids if self._is_key(text)}
        found = {} if self.is_checked else {text: text for text in asked}
        return found | {key: str(label) for key, label in self._columns(asked, self.label) if label}

    def primary_keys(self, ids: Iterable[str]) -> dict[str, Any]:
        """The primary keys of those that exist."""
        return dict(self._columns({text for text in ids if self._is_key(text)}, "pk"))

    def _columns(self, keys: Iterable[str], column: str) -> Iterator[tuple[str, Any]]:
        for some in _portions(sorted(keys)):
            rows = self.rows().filter(**{f"{self.key}__in": some}).order_by()
            yield from ((str(key), value) for key, value in rows.values_list(self.key, column))

    def _is_key(self, text: str) -> bool:
        """Whether text can be an id at all: databases raise for what isn't of the column's type."""
        column: Field[Any, Any] = self.model._meta.get_field(self.key)  # type: ignore[assignment]
        try:
            key = column.to_python(text) if 0 < len(text) <= LONGEST_ID and "\x00" not in text else None
        except ValidationError:
            return False
        return str(key) == text and not (isinstance(key, int) and not 0 < key <= LARGEST_ID)

    def may_choose(self, user: Viewer) -> QuerySet[Any, Any] | None:
        """The rows that the user may choose from; None without permission."""
        if self.allowed is not None:
            return self.allowed(user)
        return self.rows() if may(user, self.seen_with or self.model) else None

    def search(self, rows: QuerySet[Any, Any], text: str, most: int) -> list[tuple[str, str]]:
        """The first (id, label) whose label contains the text, by label."""
        if text:
            rows = rows.filter(**{f"{self.label}__icontains": text})
        found = rows.order_by(self.label, self.key).values_list(self.key, self.label)[:most]
        return [(str(key), str(label)) for key, label in found]


def _portions(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), IDS_AT_ONCE):
        yield ids[start : start + IDS_AT_ONCE]


_kinds: dict[str, Referred] = {}


def register(referred: Referred) -> None:
    """Let fields and options refer to things of this kind. Doing it again changes nothing."""
    _kinds[referred.kind] = referred


def find(kind: str) -> Referred | None:
    return _kinds.get(kind)


class Named(Mapping[str, Mapping[str, str]]):
    """The names of what a rule refers to, by kind and id. A kind is asked when it is needed, once, for all its ids."""

    def __init__(self, data: object) -> None:
        self._ids = frozenset(texts_in(data))
        self._known: dict[str, Names] = {}

    def __getitem__(self, kind: str) -> Mapping[str, str]:
        if kind not in self._known:
            self._known[kind] = _kinds[kind].names(self._ids)
        return self._known[kind]

    def __iter__(self) -> Iterator[str]:
        return iter(_kinds)

    def __len__(self) -> int:
        return len(_kinds)


class Existing:
    """The primary keys of what rules name, by kind and id. Each is looked up once."""

    def __init__(self) -> None:
        self._found: dict[str, dict[str, Any]] = {}
        self._asked: dict[str, set[str]] = {}

    def of(self, kind: str, ids: Iterable[str]) -> Mapping[str, Any]:
        """Those of these ids that exist, perhaps with others that were asked for before."""
        found, asked = self._found.setdefault(kind, {}), self._asked.setdefault(kind, set())
        if new := set(ids) - asked:
            found |= _kinds[kind].primary_keys(new)
            asked |= new
        return found


class Checked(Mapping[str, Mapping[str, Any]]):
    """Whether all exists that must, by kind and id: enough to know whether a rule can be asked."""

    def __init__(self, data: object, existing: Existing) -> None:
        self._ids = frozenset(texts_in(data))
        self._existing = existing

    def __getitem__(self, kind: str) -> Mapping[str, Any]:
        if not _kinds[kind].is_checked:
            raise KeyError(kind)
        return self._existing.of(kind, self._ids)

    def __iter__(self) -> Iterator[str]:
        return (kind for kind, referred in _kinds.items() if referred.is_checked)

    def __len__(self) -> int:
        return sum(1 for _kind in self)


def texts_in(data: object) -> Iterator[str]:
    """Every text that could be an id in the JSON of a rule, however it is nested."""
    waiting = [data]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str) and len(part) <= LONGEST_ID:
            yield part
        elif isinstance(part, Mapping):
            waiting.extend(part.values())
        elif isinstance(part, list | tuple):
            waiting.extend(part)
