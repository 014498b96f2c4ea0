"""Random moves: each the name of a method of `World`, with what it is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.engine.everything.graphs import LISTS, ORDER_KINDS, Dice, Fields, a_graph
from tests.engine.everything.outside import CALL_ANSWERS, MAIL_ANSWERS, TEXT_ANSWERS
from tests.engine.everything.stage import ZONES
from tests.engine.everything.world import PHASES, PUBLISHED


Move = tuple[Any, ...]
Story = tuple[list[Fields], list[Move]]


def _who(dice: Dice) -> str:
    return dice.one_of("alice", *ZONES)


def _happening(dice: Dice) -> Move:
    kind = dice.one_of(*ORDER_KINDS, *["order.placed"] * 3)
    subject = dice.one_of("order:1", "order:1", "order:2", "")
    return "happens", kind, _who(dice), subject, dice.one_of(5, 50), dice.is_lucky(10)


def _work(dice: Dice) -> Move:
    often = dice.one_of("events", "enrollments", "deliveries", *PHASES)
    return dice.one_of(
        ("works",),
        ("works",),
        ("works_a_little", often),
        ("dies", often, dice.randint(1, 30)),
        ("dies", "deliveries", dice.randint(5, 25)),
        ("dies", PUBLISHED, dice.randint(1, 25)),
    )


def _time(dice: Dice) -> Move:
    return "passes", dice.one_of(30, 90, 3_600, 14_400, 86_400, 172_800, 864_000)


def _change(dice: Dice) -> Move:
    score = ("changes", _who(dice), "score", dice.one_of(1, 3, 5, None))
    return dice.one_of(score, score, ("changes", _who(dice), "renewal", dice.one_of("2026-03-04", "2026-03-13", None)))


def _told(dice: Dice) -> Move:
    number = dice.randrange(4)
    return dice.one_of(("happens_again", number), ("is_corrected", number, dice.one_of(-2, -1, 0)))


def _consent(dice: Dice) -> Move:
    who, leaving = _who(dice), dice.one_of("bob", "carol")
    return dice.one_of(
        ("subscribes", who, dice.one_of(*LISTS)),
        ("subscribes", who, "club"),
        ("unsubscribes", who, dice.one_of(*LISTS, "")),
        ("is_suppressed", leaving, dice.one_of("commercial", "all")),
        ("is_erased", leaving),
    )


def _ruling(dice: Dice) -> Move:
    number = dice.randrange(2)
    return dice.one_of(
        _publishing(dice, number),
        _publishing(dice, number),
        _publishing(dice, number),
        ("is_unpublished", number),
        ("is_archived", number, dice.is_lucky(50)),
        ("is_restored", number),
        ("is_restored", number),
        ("is_paused", number),
        ("goes_on", number),
        ("goes_on", number),
        ("page_is_published",),
    )


def _publishing(dice: Dice, number: int) -> Move:
    inside = dice.one_of("stay", "move", "move", "leave")
    return "is_published_again", number, inside, dice.one_of("future", "also_matching"), dice.randrange(2**32)


def _by_hand(dice: Dice) -> Move:
    who = _who(dice)
    occasion = dice.one_of("spring", "autumn")
    many = dice.one_of((), tuple(ZONES), ("alice", "carol"))
    return dice.one_of(
        ("starts", dice.randrange(2), who, occasion),
        ("many_start", dice.randrange(2), many, dice.randint(1, 40)),
        ("many_start", dice.randrange(2), many, dice.randint(1, 40)),
        ("is_taken_out", who),
        ("is_spared", who),
    )


def _rudeness(dice: Dice) -> Move:
    point = dice.one_of(*MAIL_ANSWERS)
    return dice.one_of(
        ("mail_server_says", point, dice.one_of(*MAIL_ANSWERS[point]), dice.one_of(1, 1, 3), dice.randrange(2)),
        ("receiver_says", dice.one_of(*CALL_ANSWERS)),
        ("provider_says", dice.one_of(*TEXT_ANSWERS)),
    )


def _at_the_last_moment(dice: Dice) -> list[Move]:
    """Somebody comes in and their e-mail is queued; then something stands against it, and it is to be handed over."""
    who, subject = _who(dice), dice.one_of("order:3", "order:4")
    against = dice.one_of(
        *(("happens", kind, who, subject, 50, False) for kind in ORDER_KINDS[1:]),
        ("is_taken_out", who),
        ("is_paused", 0),
        ("is_suppressed", dice.one_of("bob", "carol"), "all"),
        ("unsubscribes", who, "club"),
        ("changes", who, "score", None),
    )
    coming = [("happens", "order.placed", who, subject, 50, False)]
    if dice.is_lucky(50):
        coming += [("changes", who, "score", 5)]
    working = [("works_a_little", "events")] * 3 + [("works_a_little", "enrollments")] * 3
    looking = [("works_a_little", "events")] if dice.is_lucky(50) else []
    return [*coming, *working, against, *looking, ("works_a_little", "deliveries")]


def _awaited(dice: Dice) -> list[Move]:
    """Somebody comes in, gets perhaps as far as a wait, and then happens what may be waited for; or too late."""
    who, subject = _who(dice), dice.one_of("order:1", "order:6")
    going = [("works_a_little", "events"), ("works_a_little", "enrollments"), ("works_a_little", "enrollments")]
    late = [("passes", dice.one_of(60, 5_400, 14_400, 86_400))] if dice.is_lucky(40) else []
    happening = [("happens", kind, who, subject, 50, False) for kind in dice.sample(ORDER_KINDS, 2)]
    looking = ("works_a_little", dice.one_of("events", "events", "enrollments"))
    return [("happens", "order.placed", who, subject, 50, False), *going, *late, *happening, looking]


def _in_the_middle(dice: Dice) -> list[Move]:
    """Somebody is on their way, perhaps waits; then a new version is published, and its worker dies."""
    who = _who(dice)
    coming = [("happens", "order.placed", one, "order:5", dice.one_of(5, 50), False) for one in (who, "alice")]
    number = dice.randrange(2)
    return [
        *coming,
        ("works_a_little", "events"),
        ("works_a_little", "enrollments"),
        _publishing(dice, number),
        dice.one_of(("works_a_little", "enrollments"), ("happens", "order.paid", who, "order:5", 50, False)),
        ("dies", PUBLISHED, dice.randint(1, 25)),
        dice.one_of(_publishing(dice, number), ("works",)),
    ]


def _single(move: Callable[[Dice], Move]) -> Callable[[Dice], list[Move]]:
    return lambda dice: [move(dice)]


KINDS: tuple[tuple[int, Callable[[Dice], list[Move]]], ...] = (
    (28, _single(_happening)),
    (28, _single(_work)),
    (12, _single(_time)),
    (6, _single(_change)),
    (6, _single(_told)),
    (8, _single(_consent)),
    (6, _single(_ruling)),
    (5, _single(_by_hand)),
    (6, _at_the_last_moment),
    (13, _single(_rudeness)),
    (4, _in_the_middle),
    (4, _awaited),
)


def a_story(seed: int) -> Story:
    """What is drawn first, and then what happens."""
    dice = Dice(seed)
    graphs = [a_graph(dice) for _number in range(dice.randint(1, 2))]
    welcome: list[Move] = [("subscribes", who, "club") for who in ZONES if dice.is_lucky(60)]
    welcome += [("changes", who, "phone", "+33612345678") for who in ZONES if dice.is_lucky(70)]
    kinds = dice.choices([kind for _weight, kind in KINDS], [weight for weight, _kind in KINDS], k=dice.randint(10, 24))
    later: list[Move] = [
        ("passes", 86_400),
        _rudeness(dice),
        ("works",),
        ("dies", "deliveries", dice.randint(5, 60)),
        ("works",),
    ]
    return graphs, [*welcome, *(move for kind in kinds for move in kind(dice)), *later]


WORK = {"works", "works_a_little", "dies"}


def in_chapters(moves: list[Move]) -> list[tuple[int, list[Move]]]:
    """(seconds that pass first, what happens then, at one moment): nobody is told to work, they do all the time."""
    chapters: list[tuple[int, list[Move]]] = [(0, [])]
    for move in moves:
        if move[0] == "passes":
            chapters.append((move[1], []))
        elif move[0] not in WORK:
            chapters[-1][1].append(move)
    return chapters
