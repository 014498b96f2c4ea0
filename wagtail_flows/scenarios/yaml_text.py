"""YAML as people type it and programs write it: the part of YAML 1.2 that is JSON with less punctuation.

Built from the parser's events, never by a constructor: there is no way from a text to an object. Anchors, aliases,
tags, names given twice and second documents are refused. Only `null`, `true`, `false` and plain decimal numbers are
more than text: `no` is a text, `09:00` and `2026-12-24` too.
"""

from __future__ import annotations

import re

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from django.utils.translation import gettext as _

from wagtail_flows.exceptions import FlowsError
from wagtail_flows.scenarios.reading import is_storable, shown


LARGEST_FILE = 500_000
MAX_DEPTH = 40
LONGEST_NUMBER = 40
Path = tuple[str | int, ...]

# libyaml where PyYAML was built with it: the same events, ten times as fast.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WHOLE = re.compile(r"-?(0|[1-9][0-9]*)\Z")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?\Z")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}


class BadYAML(FlowsError):
    """The text isn't YAML that is read here; the message says where and why."""


@dataclass(frozen=True)
class Located:
    """What a text says: plain JSON values; `lines`: the line (from 1) on which each part begins, by its path."""

    data: Any
    lines: Mapping[Path, int]

    def line_of(self, path: Path) -> int:
        """The line of this part, or of the next larger one that is there."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_yaml(source: bytes | str) -> Located:
    """Read a file. Raises BadYAML, whatever `source` is."""
    if len(source) > LARGEST_FILE:
        raise BadYAML(_("This file is too large: at most %(max)d kB are read.") % {"max": LARGEST_FILE // 1000})
    try:
        text = source.decode("utf-8-sig") if isinstance(source, bytes) else source
    except UnicodeDecodeError as error:
        raise BadYAML(_("This file isn’t UTF-8: save it with this encoding.")) from error
    composer = _Composer(_events(text))
    return Located(composer.document(), composer.lines)


def _events(text: str) -> Iterator[yaml.Event]:
    try:
        yield from yaml.parse(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BadYAML(
            _refusal(line, _("here the text stops being YAML (%(why)s).") % {"why": error.problem})
        ) from error
    except (yaml.YAMLError, UnicodeError) as error:
        raise BadYAML(_("This file contains a character that can’t be read.")) from error


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _refusal(line: int, text: str) -> str:
    return _("Line %(line)d: %(text)s") % {"line": line, "text": text}


@dataclass
class _Composer:
    events: Iterator[yaml.Event]
    lines: dict[Path, int] = field(default_factory=dict)

    def document(self) -> Any:
        """The one document of the stream; None where there is none."""
        data: Any = None
        documents = 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self.refuse(event, _("a second document begins here: one file holds one scenario."))
                data = self.value(next(self.events), ())
        return data

    def refuse(self, event: yaml.Event, text: str) -> None:
        raise BadYAML(_refusal(_line(event), text))

    def value(self, event: yaml.Event, path: Path) -> Any:
        self.lines.setdefault(path, _line(event))
        if len(path) > MAX_DEPTH:
            self.refuse(event, _("this is nested too deep: at most %(max)d levels are possible.") % {"max": MAX_DEPTH})
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            self.refuse(event, _("anchors (&) and aliases (*) aren’t read: write it out."))
        if getattr(event, "tag", None):
            self.refuse(event, _("tags (!) aren’t read: remove it."))
        if isinstance(event, yaml.MappingStartEvent):
            return self.mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(path)
        return self.scalar(event)

    def mapping(self, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent) or event.anchor or event.tag:
                raise BadYAML(_refusal(_line(event), _("a name must stand here.")))
            name = self.text(event)
            if name in found:
                self.refuse(event, _("“%(name)s” is given twice: remove one of them.") % {"name": shown(name)})
            self.lines[*path, name] = _line(event)
            found[name] = self.value(next(self.events), (*path, name))
        return found

    def sequence(self, path: Path) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            found.append(self.value(event, (*path, len(found))))
        return found

    def scalar(self, event: Any) -> Any:
        text = self.text(event)
        if not event.implicit[0]:
            return text
        if len(text) > LONGEST_NUMBER and _NUMBER.match(text):
            self.refuse(event, _("this number is too long."))
        return plain(text)

    def text(self, event: Any) -> str:
        text: str = event.value
        if not is_storable(text):
            self.refuse(event, _("this text has a character that can’t be stored: remove it."))
        return text


def plain(text: str) -> Any:
    """What a text without quotes means."""
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.match(text):
        return int(text)
    return float(text) if _NUMBER.match(text) and abs(float(text)) < float("inf") else text


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
        """Items of a list are indented below its name."""
        return super().increase_indent(flow, indentless=False)


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """In quotes where it would mean something else without: here, and (by PyYAML itself) to readers of YAML 1.1."""
    style = "'" if plain(text) != text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def write_yaml(data: Any) -> str:
    """The text of plain JSON values: reading it gives them again."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100, default_flow_style=False)
