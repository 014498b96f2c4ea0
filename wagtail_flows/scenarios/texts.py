"""Texts with variables in the steps of a graph: can they be filled in, and by what.

Filling in is the business of messages, a sibling of this room: whoever stands above both registers how it is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from wagtail_flows.scenarios.references import KnownText


# Texts in, what is known about each out. A constant number of queries.
Reader = Callable[[Collection[str]], Mapping[str, KnownText]]

_readers: list[Reader] = []


def register(reader: Reader) -> None:
    """Ask `reader` from now on. Registering again replaces it."""
    _readers[:] = [reader]


def known_texts(sources: Collection[str]) -> dict[str, KnownText]:
    """What is known about these texts, by themselves; nothing as long as nobody can read them."""
    return dict(_readers[0](sources)) if sources and _readers else {}
