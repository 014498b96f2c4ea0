"""What a graph names outside of itself, and what is known about it. Pure: the values are handed in from `catalogue`."""

from __future__ import annotations

import json

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from wagtail_flows.lib.problems import Problem


class Target(StrEnum):
    MESSAGE = "message"
    MAILING_LIST = "list"
    EVENT_KIND = "event"
    SEGMENT = "segment"
    RULE = "rule"
    PROPERTY = "property"
    PAGE = "page"
    WEBHOOK = "webhook"
    STAFF_GROUP = "group"
    STAFF_ADDRESS = "staff"
    TEXT = "text"


@dataclass(frozen=True)
class Reference:
    """`step` (id of the step or trigger) names `key` in its `field`: a message by translation key, a list or a segment
    or a webhook endpoint by public id, an event kind, a property or a group of the staff by name, one of the staff by
    e-mail address in lower case. A rule over contacts is its own key: its JSON as `rule_text` writes it; so is a text
    with variables. `type`: what a property must be, "" for any.
    """

    step: str
    field: str
    target: Target
    key: str
    type: str = ""


@dataclass(frozen=True)
class KnownMessage:
    """`needs_list`: its legal basis is a subscription, so it can only go to people of a list. `needs_customer`: its
    basis is having bought before.
    """

    name: str
    is_live: bool = True
    needs_list: bool = False
    needs_customer: bool = False


@dataclass(frozen=True)
class KnownEventKind:
    """`fields`: names found in the data of such events; empty where nobody said."""

    label: str
    fields: frozenset[str] = frozenset()


@dataclass(frozen=True)
class KnownSegment:
    """`is_broken`: it can't be asked, so it holds for nobody."""

    name: str
    is_broken: bool = False


@dataclass(frozen=True)
class KnownRule:
    """`words`: what it asks, as a sentence. `problems`: why it can't be asked, located by the path in the rule."""

    words: str
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class KnownProperty:
    """`type`: text, number, boolean or date."""

    label: str
    type: str


@dataclass(frozen=True)
class KnownWebhook:
    """An endpoint; calls of one that isn't active are skipped."""

    name: str
    is_active: bool = True


@dataclass(frozen=True)
class KnownText:
    """`complaint`: why it can't be filled in, "" where it can; `unknown`: the variables that nothing will ever fill."""

    complaint: str = ""
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class References:
    """All that a graph may name, by key."""

    messages: Mapping[str, KnownMessage] = field(default_factory=dict)
    mailing_lists: Mapping[str, str] = field(default_factory=dict)
    event_kinds: Mapping[str, KnownEventKind] = field(default_factory=dict)
    segments: Mapping[str, KnownSegment] = field(default_factory=dict)
    rules: Mapping[str, KnownRule] = field(default_factory=dict)
    properties: Mapping[str, KnownProperty] = field(default_factory=dict)
    pages: Mapping[str, str] = field(default_factory=dict)
    webhooks: Mapping[str, KnownWebhook] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    staff: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, KnownText] = field(default_factory=dict)

    def name_of(self, target: Target, key: str) -> str:
        """The name people know it by; the key itself where it isn't known."""
        match target:
            case Target.MESSAGE:
                return self.messages[key].name if key in self.messages else key
            case Target.MAILING_LIST:
                return self.mailing_lists.get(key, key)
            case Target.EVENT_KIND:
                return str(self.event_kinds[key].label) if key in self.event_kinds else key
            case Target.SEGMENT:
                return self.segments[key].name if key in self.segments else key
            case Target.RULE:
                return self.rules[key].words if key in self.rules else key
            case Target.PROPERTY:
                return self.properties[key].label if key in self.properties else key
            case Target.PAGE:
                return self.pages.get(key, key)
            case Target.WEBHOOK:
                return self.webhooks[key].name if key in self.webhooks else key
            case Target.STAFF_GROUP | Target.STAFF_ADDRESS | Target.TEXT:
                return key


def rule_text(rule: Mapping[str, Any]) -> str:
    """The JSON of a rule over contacts as text: the same rule always gives the same text."""
    return json.dumps(rule, sort_keys=True, ensure_ascii=False)
