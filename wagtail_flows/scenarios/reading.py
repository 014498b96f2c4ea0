"""Reading JSON objects strictly: every wrong, missing or unknown field becomes a located Problem; nothing is lost
silently.
"""

from __future__ import annotations

import re
import uuid

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from wagtail_flows.scenarios.problems import Problem


MAX_TEXT = 200
_IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")


def is_identifier(value: Any) -> bool:
    """Whether `value` may be the id of a step or a trigger: 1–64 ASCII letters, digits, `-` and `_`."""
    return isinstance(value, str) and _IDENTIFIER.match(value) is not None


def is_storable(text: str) -> bool:
    """Whether every database keeps `text`: PostgreSQL's jsonb takes neither NUL nor half of a surrogate pair."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def shown(value: Any) -> str:
    """What somebody wrote, short enough and clean enough to be repeated in a sentence, stored and sent."""
    return str(value)[:MAX_TEXT].encode("utf-8", "replace").decode().replace("\x00", "?")


def _canonical_key(value: Any) -> str | None:
    """The canonical form of a UUID; None of what is none."""
    if not isinstance(value, str) or len(value) != 36:
        return None
    try:
        return str(uuid.UUID(value))
    except ValueError:
        return None


class Reader:
    """Reads the fields of one object. A method that finds its field wrong notes a Problem and answers a stand-in value.

    Call `close()` after the last field: what nobody asked for is a Problem too. `has_problems` tells whether the values
    can be trusted. `data` must be a mapping with string keys. `by_name`: what is outside of the graph is called by its
    name (see `exchange`), and not by its key.
    """

    def __init__(
        self,
        data: Mapping[str, Any],
        problems: list[Problem],
        *,
        step: str = "",
        path: str = "",
        by_name: bool = False,
    ) -> None:
        self.data = data
        self.step = step
        self.by_name = by_name
        self._problems = problems
        self._path = path
        self._asked: set[str] = set()
        self._before = len(problems)

    @property
    def has_problems(self) -> bool:
        return len(self._problems) > self._before

    def note(self, field: str, code: str, text: str) -> None:
        """Note a problem with `field` of this object."""
        self._problems.append(Problem(self.step, f"{self._path}{shown(field)}", code, text))

    def close(self) -> None:
        """Note every field that nobody asked for."""
        for name in self.data:
            if name not in self._asked:
                text = _("“%(name)s” is not known here: remove it.")
                self.note(name, "unknown_field", text % {"name": shown(name)})

    def has(self, name: str) -> bool:
        """Whether the field is given and not null."""
        self._asked.add(name)
        return self.data.get(name) is not None

    def _required(self, name: str) -> Any:
        self._asked.add(name)
        if name not in self.data:
            self.note(name, "missing", _("“%(name)s” is missing: add it.") % {"name": name})
            return None
        return self.data[name]

    def text(self, name: str, default: str | None = None, *, max_length: int = MAX_TEXT) -> str:
        """A text of 1 to `max_length` characters; with a `default` the field may be left out."""
        self._asked.add(name)
        value = self._required(name) if default is None else self.data.get(name, default)
        if name not in self.data:
            return default or ""
        if not isinstance(value, str) or not 1 <= len(value) <= max_length or not is_storable(value):
            text = _("“%(name)s” must be a text of 1 to %(max)d characters.")
            self.note(name, "not_text", text % {"name": name, "max": max_length})
            return default or ""
        return value

    def integer(self, name: str, *, minimum: int, maximum: int) -> int:
        """A whole number in a range."""
        value = self._required(name)
        if name not in self.data:
            return minimum
        # `type` and not isinstance: true and false are ints to Python, but not to the person who wrote them.
        if type(value) is not int or not minimum <= value <= maximum:
            text = _("“%(name)s” must be a whole number from %(min)d to %(max)d.")
            self.note(name, "not_a_number", text % {"name": name, "min": minimum, "max": maximum})
            return minimum
        return value

    def flag(self, name: str) -> bool:
        """true or false."""
        value = self._required(name)
        if name in self.data and not isinstance(value, bool):
            self.note(name, "not_a_flag", _("“%(name)s” must be true or false.") % {"name": name})
        return value is True

    def choice(self, name: str, choices: Sequence[str], default: str | None = None) -> str:
        """One of `choices`; with a `default` the field may be left out."""
        self._asked.add(name)
        value = self._required(name) if default is None else self.data.get(name, default)
        if name in self.data and not (isinstance(value, str) and value in choices):
            text = _("“%(name)s” must be one of: %(choices)s.")
            self.note(name, "not_a_choice", text % {"name": name, "choices": ", ".join(choices)})
        return value if isinstance(value, str) and value in choices else default or choices[0]

    def key(self, name: str) -> str:
        """A UUID, in its canonical form; where things are called by name, a text."""
        if self.by_name:
            return self.text(name)
        value = self._required(name)
        if name not in self.data:
            return ""
        found = _canonical_key(value)
        if found is None:
            self._note_no_key(name, name)
        return found or ""

    def _note_no_key(self, place: str, name: str) -> None:
        example = "5f0c8f0e-6d3a-4c1e-9a57-3f1d2b7c9e10"
        text = _("“%(name)s” must be an identifier such as %(example)s.")
        self.note(place, "not_a_key", text % {"name": name, "example": example})

    def optional_key(self, name: str) -> str | None:
        """A UUID, or None where the field is null or left out."""
        return self.key(name) if self.has(name) else None

    def keys(self, name: str, maximum: int) -> tuple[str, ...]:
        """Several UUIDs in their canonical form, each once; left out there are none."""
        found: dict[str, None] = {}
        for position, item in enumerate(self.items(name, maximum)):
            place = Reader({"it": item}, [], step=self.step, by_name=self.by_name)
            key = place.key("it")
            if place.has_problems:
                self._note_no_key(f"{name}.{position}", name)
            found[key] = None
        return tuple(found)

    def part(self, name: str) -> Reader | None:
        """A reader of the object inside this one, or None where it is null, left out or wrong. Close it too."""
        if not self.has(name):
            return None
        value = self.data[name]
        if not isinstance(value, Mapping):
            self.note(name, "not_an_object", _("“%(name)s” must be an object in braces.") % {"name": name})
            return None
        return self._inside(value, name)

    def inner(self, value: Any, place: str) -> Reader | None:
        """A reader of an object found at `place` in this one, or None where it is none. Close it too."""
        if isinstance(value, Mapping):
            return self._inside(value, place)
        self.note(place, "not_an_object", _("This must be an object in braces."))
        return None

    def _inside(self, value: Mapping[str, Any], place: str) -> Reader:
        path = f"{self._path}{place}."
        return Reader(value, self._problems, step=self.step, path=path, by_name=self.by_name)

    def parts(self, name: str, maximum: int) -> Sequence[Reader]:
        """Readers of the objects in a list; what is no object is noted. Close each too."""
        items = enumerate(self.items(name, maximum))
        parts = [self.inner(item, f"{name}.{position}") for position, item in items]
        return [part for part in parts if part is not None]

    def identifier(self, name: str) -> str:
        """A name as steps and outlets have it; see `is_identifier`."""
        value = self._required(name)
        if name in self.data and not is_identifier(value):
            text = _("“%(name)s” must be 1 to 64 letters (a–z), digits, “-” and “_”.")
            self.note(name, "not_an_identifier", text % {"name": name})
        return value if is_identifier(value) else ""

    def items(self, name: str, maximum: int) -> Sequence[Any]:
        """A list of at most `maximum` items; left out it is empty."""
        self._asked.add(name)
        value = self.data.get(name, [])
        if not isinstance(value, (list, tuple)):
            self.note(name, "not_a_list", _("“%(name)s” must be a list in square brackets.") % {"name": name})
            return ()
        if len(value) > maximum:
            text = _("“%(name)s” has %(count)d items; at most %(max)d are possible.")
            self.note(name, "too_many", text % {"name": name, "count": len(value), "max": maximum})
            return ()
        return value
