"""What the engine's table says of a measure: reached, or not yet."""

import pytest

from benchmarks.measuring import Pace, Way, rates
from benchmarks.table import pace_line, pace_summary


def pace(**told: object) -> Pace:
    return Pace(**{"part": "mails", "name": "e-mails", "with_": "1 worker", "unit": "e-mails/s", "ours": 70.0, **told})


@pytest.mark.parametrize(
    ("ours", "wanted", "is_at_least", "passed"),
    [(70, 0.7, True, True), (69, 0.7, True, False), (130, 1.3, False, True), (131, 1.3, False, False)],
)
def test_a_measure_has_passed_on_the_right_side_of_what_is_asked(ours, wanted, is_at_least, passed):
    assert pace(ours=ours, rival=100, wanted=wanted, is_at_least=is_at_least).has_passed is passed


def test_what_has_no_rival_is_only_shown():
    assert pace().has_passed
    assert pace_line(pace()) == "| mails | e-mails | 1 worker | 70 e-mails/s |  |  |  |  |  |"


def test_the_summary_counts_what_is_asked_only():
    missed = pace(rival=200.0, wanted=0.7)
    assert pace_summary([pace(), pace(rival=100.0, wanted=0.7), missed]) == "1 of 2 reach what is asked."
    assert "**not yet**" in pace_line(missed)


def test_two_ways_take_turns_and_the_first_round_is_not_counted():
    order: list[str] = []
    ways = [Way(lambda name=name: order.append(name) or 1) for name in ("ours", "rival")]
    assert len(rates(*ways, rounds=2)) == 2
    assert order == ["rival", "ours", "ours", "rival", "rival", "ours"]
