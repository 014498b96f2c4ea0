"""Which translation of a message somebody gets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from wagtail_flows.messages.message_model import Message


def chosen(messages: Sequence[Message], wanted: Iterable[str], default: str) -> Message | None:
    """The message in the first language wanted that there is, else in the default language, else the oldest one.

    A language matches as a whole first (pt-BR), then by its language alone (pt-BR finds pt, and pt finds pt-BR).
    """
    for locale in (*wanted, default):
        for match in (_same, _same_language):
            found = [message for message in messages if locale and match(message.locale.language_code, locale)]
            if found:
                return min(found, key=_age)
    return min(messages, key=_age, default=None)


def _age(message: Message) -> int:
    return message.pk


def _same(one: str, other: str) -> bool:
    return _key(one) == _key(other)


def _same_language(one: str, other: str) -> bool:
    return _key(one).split("-")[0] == _key(other).split("-")[0]


def _key(locale: str) -> str:
    return locale.replace("_", "-").casefold()
