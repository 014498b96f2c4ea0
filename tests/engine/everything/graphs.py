"""Random valid graphs. Who adds a kind of step or trigger adds its line to `STEPS` or `TRIGGERS`.

Thrown with dice and not drawn by hypothesis: its draws repeat and prefer what is small, so hardly anybody would ever
get as far as an e-mail.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, TypeVar

from tests.drawing import key
from wagtail_flows.scenarios.graph import parse
from wagtail_flows.scenarios.problems import errors
from wagtail_flows.scenarios.references import (
    KnownEventKind,
    KnownMessage,
    KnownProperty,
    KnownSegment,
    KnownWebhook,
    References,
)
from wagtail_flows.scenarios.validating import validate


STAFF = "desk@example.org"
LISTS = ("club", "paper")
# One that must not be called twice, one that may, one that never answers.
WEBHOOKS = ("hook", "echo", "nobody")
# What the manual trigger is called in every graph that has one.
BY_HAND = "by_hand"
ORDER_KINDS = ("order.placed", "order.paid", "order.cancelled", "order.refunded")
LONGEST_PATH = 5
T = TypeVar("T")
Fields = dict[str, Any]
# The fields of a step, the ways out that must lead somewhere, those that may.
Box = tuple[Fields, tuple[str, ...], tuple[str, ...]]

KNOWN = References(
    messages={
        key("thanks"): KnownMessage("Thanks"),
        key("notice"): KnownMessage("Notice"),
        key("news"): KnownMessage("News", needs_list=True),
    },
    mailing_lists={key(name): name for name in LISTS},
    event_kinds={
        kind: KnownEventKind(kind) for kind in (*ORDER_KINDS, "list.subscribed", "list.unsubscribed", "message.sent")
    },
    webhooks={key(name): KnownWebhook(name) for name in WEBHOOKS},
    staff={STAFF: "Desk"},
    segments={key("gold"): KnownSegment("Gold")},
    properties={
        "town": KnownProperty("Town", "text"),
        "phone": KnownProperty("Phone", "text"),
        "score": KnownProperty("Score", "number"),
        "renewal": KnownProperty("Renewal", "date"),
    },
)


class Dice(Random):
    """The same seed always throws the same."""

    def one_of(self, *options: T) -> T:
        return self.choice(options)

    def is_lucky(self, percent: int) -> bool:
        return self.randrange(100) < percent


def _duration(dice: Dice) -> Fields:
    amount, unit = dice.one_of((1, "minutes"), (90, "minutes"), (4, "hours"), (1, "days"), (10, "days"))
    return {"amount": amount, "unit": unit}


def _late(dice: Dice) -> Fields:
    return {"late": dice.one_of(None, {"skip_after_hours": 1}, {"skip_after_hours": 48})}


def _reentry(dice: Dice) -> Fields:
    often = ("once", "once_per_subject", "every_time", "every_time", "after_leaving", {"not_sooner_than_days": 2})
    return {"reentry": dice.one_of(*often)}


def _where(dice: Dice) -> Fields:
    return {"where": {"total": 50}} if dice.is_lucky(30) else {}


def _branching(ask: Callable[[Dice], Fields], *otherwise: str) -> Callable[[Dice], Box]:
    def made(dice: Dice) -> Box:
        names = ("one", "two", "three")[: dice.randint(1 if otherwise else 2, 3)]
        return {"branches": [{"outlet": name, **ask(dice)} for name in names]}, (*names, *otherwise), ()

    return made


def _rule(dice: Dice) -> Fields:
    asked = {"match": "all", "rules": [{"field": "property.score", "operator": "at_least", "value": "3"}]}
    return dice.one_of({"segment": key("gold")}, {"rule": asked})


def _message(dice: Dice) -> Fields:
    name, mailing_list = dice.one_of(
        ("thanks", None), ("thanks", None), ("thanks", "club"), ("notice", None), ("news", "club"), ("news", "paper")
    )
    return {"message": key(name), "list": key(mailing_list) if mailing_list else None}


def _change(dice: Dice) -> Fields:
    return dice.one_of(
        {"property": "town", "change": "set", "value": "Paris"},
        {"property": "town", "change": "clear"},
        {"property": "score", "change": "add", "value": 2},
        {"property": "score", "change": "copy", "field": "total"},
        {"property": "renewal", "change": "set", "value": "2026-03-20"},
    )


def _list_action(dice: Dice) -> Fields:
    action = dice.one_of("subscribe", "subscribe", "subscribe_again", "add", "unsubscribe", "remove")
    consent = {"consent": "Ticked on paper."} if action == "subscribe" and dice.is_lucky(50) else {}
    return {"list": key(dice.one_of(*LISTS)), "action": action, **consent}


def _event(dice: Dice) -> Fields:
    return {"event": dice.one_of(*ORDER_KINDS), "same_subject": dice.is_lucky(50), **_where(dice)}


def _goal(dice: Dice) -> Box:
    ends = dice.is_lucky(50)
    return {"name": "Bought", "ends": ends}, () if ends else ("next",), ()


def _exit(dice: Dice) -> Box:
    reenter = dice.one_of("at_once", "at_once", "never", {"after_days": 2})
    return {"reason": dice.one_of("done", "bought"), "reenter": reenter}, (), ()


def _sms(dice: Dice) -> Fields:
    basis, mailing_list = dice.one_of(("transaction", None), ("subscription", "club"), ("existing_customer", None))
    named = {"basis": basis, "list": key(mailing_list) if mailing_list else None}
    return {"text": "Hello. STOP 36111", "phone": dice.one_of("phone", "phone", "phone", "town"), **named}


NOTICE = {"subject": "Look", "text": "At this one.", "addresses": [STAFF]}
NEXT = ("next",)
STEPS: dict[str, Callable[[Dice], Box]] = {
    "send_email": lambda dice: (_message(dice), NEXT, ()),
    "send_sms": lambda dice: (_sms(dice), NEXT, ()),
    "call_webhook": lambda dice: ({"webhook": key(dice.one_of("hook", "hook", "echo", "echo", "nobody"))}, NEXT, ()),
    "notify_staff": lambda _dice: (NOTICE, NEXT, ()),
    "wait": lambda dice: (
        {**_duration(dice), "after": dice.one_of("entry", "entry", "event"), **_late(dice)},
        NEXT,
        ("late",),
    ),
    "wait_for_event": lambda dice: ({**_event(dice), "timeout": _duration(dice)}, ("happened", "timeout"), ()),
    "wait_until_date": lambda dice: (
        {"date": dice.one_of("2026-03-01", "2026-03-03", "2026-03-29"), "at": "02:30", **_late(dice)},
        NEXT,
        ("late",),
    ),
    "wait_until_property": lambda dice: (
        {"property": "renewal", "days": dice.one_of(-3, 0, 1), "at": "09:00", **_late(dice)},
        NEXT,
        ("late", "no_date"),
    ),
    "wait_until_window": lambda dice: (
        {
            **dice.one_of({"from": "22:00", "to": "06:00"}, {"from": "09:00", "to": "18:00", "weekdays": [1, 3]}),
            **_late(dice),
        },
        NEXT,
        ("late",),
    ),
    "wait_usual_hour": lambda dice: (
        {"within_hours": dice.one_of(1, 24, 72), "otherwise": dice.one_of(None, "17:00"), **_late(dice)},
        NEXT,
        ("late",),
    ),
    "list_action": lambda dice: (_list_action(dice), NEXT, ()),
    "condition": _branching(_rule, "else"),
    "split_by_data": _branching(lambda dice: {"where": {"total": dice.one_of(5, 50)}}, "else"),
    "random_split": _branching(lambda dice: {"weight": dice.one_of(1, 5)}),
    "update_property": lambda dice: (_change(dice), NEXT, ()),
    "goal": _goal,
    "jump": lambda _dice: ({}, NEXT, ()),
    "exit": _exit,
}

TRIGGERS: dict[str, Callable[[Dice], Fields]] = {
    "event": lambda dice: {"event": dice.one_of("order.placed", "order.paid"), **_reentry(dice), **_where(dice)},
    "list": lambda dice: {"lists": dice.one_of([], [key("club")]), **_reentry(dice)},
    "property_changed": lambda dice: {"property": "score", **_reentry(dice)},
    "date": lambda dice: {
        "property": "renewal",
        "repeat": dice.one_of("once", "yearly", "monthly"),
        "at": "09:00",
    },
    "segment_entered": lambda dice: {"segment": key("gold"), **_reentry(dice)},
    "page_published": _reentry,
    "manual": _reentry,
}
ENDS = ("exit", "goal")
OFTEN = ("send_email", "send_email", "send_email", "send_sms", "call_webhook", "wait_for_event", "wait_for_event")


class _Builder:
    """Makes steps along each path, one after the other."""

    def __init__(self, dice: Dice) -> None:
        self.dice = dice
        self.steps: list[Fields] = []
        self.back: list[tuple[Fields, str]] = []

    def path(self, left: int, before: tuple[str, ...]) -> str:
        """The id of the first step of a path of at most so many."""
        kind = self.dice.one_of(*self._kinds(left))
        fields, must, may = STEPS[kind](self.dice)
        step = {"id": f"s{len(self.steps)}", "kind": kind, **fields}
        self.steps.append(step)
        taken = [*must, *(name for name in may if self.dice.is_lucky(50))]
        for number, way in enumerate(taken):
            if before and self.dice.is_lucky(15):
                target = self.dice.one_of(*before)
            elif number > 1:
                target = step["outlets"][taken[0]]
            else:
                target = self.path(left - 1, (*before, step["id"]))
            if target in before:
                self.back.append((step, way))
            step.setdefault("outlets", {})[way] = target
        return str(step["id"])

    @staticmethod
    def _kinds(left: int) -> list[str]:
        """What may come with so many steps left: no end at the beginning, what can go wrong most often, nothing but an
        end last.
        """
        if not left:
            return ["exit"]
        going_on = sorted(set(STEPS) - set(ENDS))
        return [*going_on, *OFTEN, *(ENDS if left < LONGEST_PATH - 1 else ())]

    def turn_round(self) -> None:
        """Lead the way back that was made last to an exit instead."""
        step, way = self.back.pop()
        step["outlets"][way] = "end"
        if self.steps[-1]["id"] != "end":
            self.steps.append({"id": "end", "kind": "exit"})


def a_graph(dice: Dice) -> Fields:
    """A graph without errors over every kind of step and trigger."""
    kinds = dice.sample(sorted(TRIGGERS), dice.randint(0, 2))
    if "manual" not in kinds and dice.is_lucky(40):
        kinds.append("manual")
    triggers = [
        {"id": BY_HAND if kind == "manual" else f"t{number}", "kind": kind, **TRIGGERS[kind](dice)}
        for number, kind in enumerate(kinds)
    ]
    if not triggers or dice.is_lucky(80):
        triggers.append({"id": "often", "kind": "event", "event": "order.placed", **_reentry(dice)})
    builder = _Builder(dice)
    start = builder.path(LONGEST_PATH, ())
    exits = [_event(dice) for _number in range(dice.one_of(0, 1, 2, 2))]
    graph = {"triggers": triggers, "exits": exits, "start": start, "steps": builder.steps}
    if "page_published" in kinds or dice.is_lucky(15):
        graph["audience"] = {"segment": key("gold"), "recheck": dice.is_lucky(50)}
    while builder.back and problems(graph):
        builder.turn_round()
    return graph


def problems(graph: Fields) -> list[str]:
    """What is wrong with it, warnings left out."""
    return [one.code for one in errors(validate(parse(graph), KNOWN))]
