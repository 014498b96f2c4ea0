"""The judge of a storm is judged first: each broken promise is seen."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from tests.chaos.account import Account, End
from tests.chaos.plan import SHORT
from tests.smtp import DROP


REFUSAL = "550 5.1.1 no such user (1)"
GOOD = (
    End("<1@x>", "sent", "", "", is_taken=True, is_suppressed=False),
    End("<2@x>", "failed", "address_refused", REFUSAL, is_taken=False, is_suppressed=False),
    End("<3@x>", "skipped", "suppressed", "", is_taken=False, is_suppressed=True),
    End("<4@x>", "uncertain", "worker_lost", "", is_taken=True, is_suppressed=False),
    End("<5@x>", "uncertain", "no_answer", "", is_taken=False, is_suppressed=False),
)


PLAN = replace(SHORT, kills=1, cuts=2, faults={("dot", DROP): 1, ("mail", DROP): 5})


def account(*more: End, taken: int = 1, **values: Any) -> Account:
    ends = GOOD + more
    good: dict[str, Any] = {
        "plan": PLAN,
        "kills": 1,
        "broken": 0,
        "cuts": 2,
        "dealt": Counter({("dot", DROP): 1, ("mail", DROP): 5}),
        "seconds": 1.0,
    }
    counted = Counter({end.message_id: taken for end in ends if end.is_taken})
    return Account(ends=ends, taken=counted, refusals=frozenset({REFUSAL}), **{**good, **values})


def test_a_storm_that_broke_nothing():
    assert account().violations() == []


def test_the_summary_says_it_in_numbers():
    rows = dict(line.rsplit(maxsplit=1) for line in account(taken=2).table().splitlines())
    assert (rows["deliveries"], rows["uncertain"], rows["most that may be uncertain"]) == ("5", "2", "2")
    assert (rows["Message-IDs taken twice"], rows["server: dot: drop"]) == ("2", "1")


@pytest.mark.parametrize(
    ("status", "error", "is_taken", "is_suppressed", "said"),
    [
        ("queued", "", False, False, "left queued"),
        ("sending", "", True, False, "left sending"),
        ("sent", "", False, False, "lost"),
        ("sent", "", True, True, "is suppressed"),
        ("skipped", "", False, False, "is not suppressed"),
        ("skipped", "", True, True, "has it nevertheless"),
        ("failed", REFUSAL, True, False, "has it nevertheless"),
        ("failed", REFUSAL, False, False, "by one refusal"),
        ("failed", "450 4.2.0 greylisted", False, False, "without a refusal for good"),
        ("uncertain", "", False, False, "no more than 2"),
    ],
)
def test_each_end_that_must_not_be_is_seen(status, error, is_taken, is_suppressed, said):
    found = account(End("<9@x>", status, "", error, is_taken, is_suppressed)).violations()
    assert any(said in sentence for sentence in found)


def test_a_mail_taken_twice_is_seen():
    assert "more than once" in account(taken=2).violations()[0]


def test_a_doubt_too_many_and_a_worker_that_broke_are_seen():
    assert "no more than 1" in account(kills=0).violations()[0]
    assert "1 workers broke" in account(broken=1).violations()[0]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"plan": replace(PLAN, kills=2)}, "Of 2 workers only 1 were killed."),
        ({"cuts": 1}, "1 database connections were cut, fewer than the 2 times that were planned."),
        (
            {"dealt": Counter({("dot", DROP): 1, ("mail", DROP): 0})},
            "The server never dealt what was planned: mail: drop.",
        ),
    ],
)
def test_a_storm_that_was_none_proves_nothing(values, said):
    assert account(**values).violations() == [said]


def test_a_plan_without_cuts_asks_for_none():
    assert account(plan=replace(PLAN, cuts=0), cuts=0).violations() == []
