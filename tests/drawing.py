"""Draw a graph in one line: `scenario("placed > wait 1d > send thanks")`.

    trigger, trigger > step > step > … ! exit rule, exit rule

    trigger    placed | order.placed          an event; of an order: once per subject, else once; add
                                              `once`, `once_per_subject` or `every_time` to say otherwise,
                                              `field=value` to filter
    step       wait 90m | wait 4h | wait 1d   minutes, hours, days; add `after event`, `late 48h`
               await paid 2d             until it happens to the same subject, or the time is over; goes on alike
               send thanks | send news to club   message and list get the ids `key("thanks")`, `key("club")`
               exit | exit bought never | exit done 30d   reason, and when one may come back
               goto wait-1                    wires what stands before to that step, and ends the drawing
    exit rule  cancelled | order.cancelled    of the same subject; add `anyone` for any subject, `field=value` to filter

The steps are called wait-1, send-1, wait-2, exit-1 …; a drawing that doesn't end gets an exit.
"""

from __future__ import annotations

import uuid

from typing import Any


SHORT = {name: f"order.{name}" for name in ("placed", "paid", "shipped", "delivered", "cancelled", "refunded")}
SHORT |= {name: f"list.{name}" for name in ("subscribed", "unsubscribed")}
UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def key(name: str) -> str:
    """The id that a drawing gives to the message or list called `name`."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


def scenario(drawing: str) -> dict[str, Any]:
    """The graph JSON of the drawing."""
    path, _, rules = drawing.partition("!")
    head, *rest = [part.strip() for part in path.split(">")]
    return {
        "triggers": [_trigger(words.split(), number) for number, words in enumerate(head.split(","), start=1)],
        "exits": [_exit_rule(words.split()) for words in rules.split(",") if words.strip()],
        **_wired([part.split() for part in rest]),
    }


def choosing(trigger: str, step: dict[str, Any], **ways: str) -> dict[str, Any]:
    """The graph JSON of a trigger, a first step of any kind called `choose`, and a path drawn for each of its outlets
    (`otherwise` stands for `else`). The steps of a path have the outlet before their ids: gold-send-1.
    """
    paths = {"else" if name == "otherwise" else name: way for name, way in ways.items()}
    drawn = {name: _named(_wired([part.split() for part in way.split(">")]), name) for name, way in paths.items()}
    first = {"id": "choose", **step, "outlets": {name: path["start"] for name, path in drawn.items()}}
    steps = [first, *(inner for path in drawn.values() for inner in path["steps"])]
    return {**scenario(f"{trigger} > exit"), "start": "choose", "steps": steps}


def _named(path: dict[str, Any], prefix: str) -> dict[str, Any]:
    for step in path["steps"]:
        step["id"] = f"{prefix}-{step['id']}"
        if "outlets" in step:
            step["outlets"] = {name: f"{prefix}-{target}" for name, target in step["outlets"].items()}
    return {**path, "start": f"{prefix}-{path['start']}"}


def _trigger(words: list[str], number: int) -> dict[str, Any]:
    event = SHORT.get(words[0], words[0])
    named = [word for word in words[1:] if "=" not in word]
    reentry = named[0] if named else "once_per_subject" if event.startswith("order.") else "once"
    return {"id": f"t{number}", "kind": "event", "event": event, "reentry": reentry, **_where(words)}


def _exit_rule(words: list[str]) -> dict[str, Any]:
    return {"event": SHORT.get(words[0], words[0]), "same_subject": "anyone" not in words, **_where(words)}


def _where(words: list[str]) -> dict[str, Any]:
    pairs = dict(word.split("=", 1) for word in words if "=" in word)
    return {"where": pairs} if pairs else {}


def _wired(drawn: list[list[str]]) -> dict[str, Any]:
    back = drawn.pop()[1] if drawn and drawn[-1][0] == "goto" else None
    if back is None and (not drawn or drawn[-1][0] != "exit"):
        drawn.append(["exit"])
    counted: dict[str, int] = {}
    steps = [_step(words, _id(words[0], counted)) for words in drawn]
    following = [step["id"] for step in steps[1:]] + [back]
    for step, target in zip(steps, following, strict=True):
        if step["kind"] != "exit":
            ways = ("happened", "timeout") if step["kind"] == "wait_for_event" else ("next",)
            step["outlets"] = dict.fromkeys(ways, target)
    return {"start": steps[0]["id"], "steps": steps}


def _id(word: str, counted: dict[str, int]) -> str:
    counted[word] = counted.get(word, 0) + 1
    return f"{word}-{counted[word]}"


def _step(words: list[str], identifier: str) -> dict[str, Any]:
    match words:
        case ["wait", amount, *more]:
            late = {"skip_after_hours": int(more[more.index("late") + 1].rstrip("h"))} if "late" in more else None
            after = "event" if "event" in more else "entry"
            fields = {"amount": int(amount[:-1]), "unit": UNITS[amount[-1]], "after": after, "late": late}
            return {"id": identifier, "kind": "wait", **fields}
        case ["await", event, amount]:
            timeout = {"amount": int(amount[:-1]), "unit": UNITS[amount[-1]]}
            fields = {"event": SHORT.get(event, event), "same_subject": True, "timeout": timeout}
            return {"id": identifier, "kind": "wait_for_event", **fields}
        case ["send", message, "to", mailing_list]:
            return {"id": identifier, "kind": "send_email", "message": key(message), "list": key(mailing_list)}
        case ["send", message]:
            return {"id": identifier, "kind": "send_email", "message": key(message), "list": None}
        case ["exit", *more]:
            return {"id": identifier, "kind": "exit", **_exit(more)}
        case _:
            raise ValueError(f"Cannot draw “{' '.join(words)}”.")


def _exit(more: list[str]) -> dict[str, Any]:
    reason, reenter = [*more, "done", "at_once"][:2] if not more else [more[0], (more[1:] or ["at_once"])[0]]
    if reenter.endswith("d") and reenter[:-1].isdigit():
        return {"reason": reason, "reenter": {"after_days": int(reenter[:-1])}}
    return {"reason": reason, "reenter": reenter}
