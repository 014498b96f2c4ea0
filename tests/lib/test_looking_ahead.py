"""The next thing can be made before its turn comes."""

from __future__ import annotations

import pytest

from wagtail_flows.lib.looking_ahead import LookingAhead


pytestmark = pytest.mark.once


def test_things_come_once_and_in_their_order():
    assert list(LookingAhead("abc")) == ["a", "b", "c"]


def test_looking_makes_one_thing_ahead_and_no_more():
    made = []
    things = LookingAhead(made.append(number) or number for number in range(3))
    things.look()
    things.look()
    assert made == [0]
    assert next(things) == 0
    things.look()
    assert made == [0, 1]
    assert list(things) == [1, 2]


def test_behind_the_last_there_is_nothing_to_see():
    things = LookingAhead(())
    things.look()
    assert list(things) == []
