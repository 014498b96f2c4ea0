"""The kinds of shops there are. An adapter translates the webhooks of one kind: it verifies, and it parses; it stores
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Protocol

from django.utils.functional import Promise

from wagtail_flows.exceptions import FlowsError
from wagtail_flows.shop.facts import Told


class UnknownAdapter(FlowsError):
    """No adapter of this name is registered: install the package that brings it, or choose another kind of shop."""


class Verdict(Enum):
    """What a signature is worth with the keys at hand."""

    GOOD = "good"
    BAD = "bad"
    # It may be good with keys that we don't have yet.
    NEEDS_NEWER_KEYS = "needs newer keys"


@dataclass(frozen=True)
class Judgement:
    """The verdict, the kind of signature ("" where there is none), and the reason where it isn't good."""

    verdict: Verdict
    kind: str = ""
    reason: str = ""


class Adapter(Protocol):
    """`headers` have lower-case names. Nothing here does any I/O."""

    @property
    def name(self) -> str:
        """What `Shop.adapter` says."""

    @property
    def label(self) -> str | Promise:
        """What people read."""

    def event_of(self, headers: Mapping[str, str]) -> str:
        """The event that the (unsigned) headers name, "" for none."""

    def judge(self, body: bytes, headers: Mapping[str, str], *, jwks: Any, secret: str) -> Judgement:
        """What the signature over these raw bytes is worth, with these keys and this secret."""

    def keys_url(self, shop_url: str) -> str:
        """Where the shop publishes its keys."""

    def usable_keys(self, jwks: Any) -> Sequence[str]:
        """The names of the keys in a fetched document that a signature could be checked with."""

    def parse(self, event: str, body: bytes, received_at: datetime) -> Told:
        """What the body tells. Raises UnreadableWebhook."""


_registered: dict[str, Adapter] = {}


def register(adapter: Adapter) -> None:
    """Make a kind of shop known; the same name again replaces it."""
    _registered[adapter.name] = adapter


def get(name: str) -> Adapter:
    """The adapter of this name. Raises UnknownAdapter."""
    if name not in _registered:
        raise UnknownAdapter(f"There is no shop adapter {name!r}. {UnknownAdapter.__doc__}")
    return _registered[name]


def choices() -> list[tuple[str, str | Promise]]:
    """Name and label of each, for a form."""
    return [(adapter.name, adapter.label) for adapter in sorted(_registered.values(), key=lambda one: one.name)]
