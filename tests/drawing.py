"""Draw a graph in one line: `scenario("placed > wait 1d > send thanks")`.

    trigger, trigger > step > step > … ! exit rule, exit rule

    trigger    placed | order.placed          an event; of an order: once per subject, else once; add
                                              `once`, `once_per_subject` or `every_time` to say otherwise,
                                              `field=value` to filter
    step       wait 90m | wait 4h | wait 1d   minutes, hours, days; add `after event`, `late 48h`
               await paid 2d                  until it happens to the same subject, or the time is over; goes on alike;
                                              `anyone` for any subject
               date 2026-12-24 | until renewal -3 | window 22:00 06:00
                                              until a day at 9:00, so many days from a date of the contact, within hours
               send thanks | send news to club   message and list get the ids `key("thanks")`, `key("club")`
               set town Paris | clear town | add score 5 | copy town city
                                              a property: to a value, to nothing, by so many, from the data of the event
               goal Bought | goal Bought ends
               exit | exit bought never | exit done 30d   reason, and when one may come back
               jump wait-1                    a step that leads to that one, and ends the path
               goto wait-1                    wires what stands before to that step, and ends the path
    ways       wait 1d late 2h [next: send thanks | late: exit]
               await paid 2d [happened: send thanks | timeout: goto await-1]
               ask [gold: send thanks | else: exit]        in the segment `key("gold")`
               data town=Paris [paris: send thanks | else: exit]   by the data of the event, a filter for each way
               random [a: send thanks | b: send more]      alike often
                                              each outlet with its own path, which may have ways again; ends the path
    exit rule  cancelled | order.cancelled    of the same subject; add `anyone` for any subject, `field=value` to filter

The steps are called wait-1, send-1, wait-2, exit-1 … in the order they are drawn; a path that doesn't end gets an exit.
"""

from __future__ import annotations

import uuid

from typing import Any


SHORT = {name: f"order.{name}" for name in ("placed", "paid", "shipped", "delivered", "cancelled", "refunded")}
SHORT |= {name: f"list.{name}" for name in ("subscribed", "unsubscribed")}
WAYS = {"wait_for_event": ("happened", "timeout")}
UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def key(name: str) -> str:
    """The id that a drawing gives to the message or list called `name`."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


def scenario(drawing: str) -> dict[str, Any]:
    """The graph JSON of the drawing."""
    path, _, rules = drawing.partition("!")
    head, _, rest = path.partition(">")
    return {
        "triggers": [_trigger(words.split(), number) for number, words in enumerate(head.split(","), start=1)],
        "exits": [_exit_rule(words.split()) for words in rules.split(",") if words.strip()],
        **_drawn(rest),
    }


def choosing(trigger: str, step: dict[str, Any], **ways: str) -> dict[str, Any]:
    """The graph JSON of a trigger, a first step of any kind called `choose`, and a path drawn for each of its outlets
    (`otherwise` stands for `else`). The steps of a path have the outlet before their ids: gold-send-1.
    """
    paths = {"else" if name == "otherwise" else name: way for name, way in ways.items()}
    drawn = {name: _named(_drawn(way), name) for name, way in paths.items()}
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


def _drawn(path: str) -> dict[str, Any]:
    steps: list[dict[str, Any]] = []
    return {"start": _follow(path, steps, {}), "steps": steps}


def _follow(path: str, steps: list[dict[str, Any]], counted: dict[str, int]) -> str:
    """Add the steps of this path to `steps`; where it begins."""
    parts = _split(path, ">")
    back = parts.pop().split()[1] if parts and parts[-1].startswith("goto") else None
    own: list[dict[str, Any]] = []
    for part in parts:
        text, _, ways = part.partition("[")
        step = _step(text.split(), _id(text.split()[0], counted))
        own.append(step)
        steps.append(step)
        if ways:
            _branch(step, _split(ways.rstrip().removesuffix("]"), "|"), steps, counted)
    if back is None and not (own and _is_end(own[-1])):
        own.append(_step(["exit"], _id("exit", counted)))
        steps.append(own[-1])
    if not own:
        return str(back)
    for step, target in zip(own, [one["id"] for one in own[1:]] + [back], strict=True):
        if target is not None and not _is_end(step):
            step["outlets"] = dict.fromkeys(WAYS.get(step["kind"], ("next",)), target)
    return str(own[0]["id"])


def _is_end(step: dict[str, Any]) -> bool:
    return step["kind"] == "exit" or "outlets" in step or step.get("ends", False)


def _branch(step: dict[str, Any], ways: list[str], steps: list[dict[str, Any]], counted: dict[str, int]) -> None:
    """Lead each outlet of the step into its own path, and make them its branches where its kind has some."""
    paths = dict(way.split(":", 1) for way in ways)
    step["outlets"] = {name.strip(): _follow(path, steps, counted) for name, path in paths.items()}
    named = [name for name in step["outlets"] if name != "else"]
    match step["kind"]:
        case "condition":
            step["branches"] = [{"outlet": name, "segment": key(name)} for name in named]
        case "split_by_data":
            pairs = zip(named, step.pop("filters"), strict=True)
            step["branches"] = [{"outlet": name, **_where([words])} for name, words in pairs]
        case "random_split":
            step["branches"] = [{"outlet": name, "weight": 1} for name in named]


def _split(text: str, mark: str) -> list[str]:
    """The parts between the marks that stand in no brackets."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter == "[") - (letter == "]")
        if letter == mark and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts if part.strip()]


def _id(word: str, counted: dict[str, int]) -> str:
    counted[word] = counted.get(word, 0) + 1
    return f"{word}-{counted[word]}"


def _step(words: list[str], identifier: str) -> dict[str, Any]:
    kind, fields = _fields(words)
    return {"id": identifier, "kind": kind, **fields}


def _fields(words: list[str]) -> tuple[str, dict[str, Any]]:
    match words:
        case ["wait" | "await" | "date" | "until" | "window", *_]:
            return _waiting(words)
        case ["set" | "clear" | "add" | "copy", *_]:
            return "update_property", _changing(words)
        case ["send", message, *more]:
            return "send_email", {"message": key(message), "list": key(more[1]) if more else None}
        case ["goal", name, *more]:
            return "goal", {"name": name, "ends": more == ["ends"]}
        case ["jump", target]:
            return "jump", {"outlets": {"next": target}}
        case ["ask"]:
            return "condition", {}
        case ["data", *filters]:
            return "split_by_data", {"filters": filters}
        case ["random"]:
            return "random_split", {}
        case ["exit", *more]:
            return "exit", _exit(more)
        case _:
            raise ValueError(f"Cannot draw “{' '.join(words)}”.")


def _waiting(words: list[str]) -> tuple[str, dict[str, Any]]:
    match words:
        case ["wait", amount, *more]:
            late = {"skip_after_hours": int(more[more.index("late") + 1].rstrip("h"))} if "late" in more else None
            return "wait", {**_amount(amount), "after": "event" if "event" in more else "entry", "late": late}
        case ["await", event, amount, *more]:
            fields = {"event": SHORT.get(event, event), "same_subject": "anyone" not in more}
            return "wait_for_event", {**fields, "timeout": _amount(amount)}
        case ["date", day]:
            return "wait_until_date", {"date": day, "at": "09:00"}
        case ["until", name, *days]:
            return "wait_until_property", {"property": name, "days": int(days[0]) if days else 0, "at": "09:00"}
        case ["window", start, end]:
            return "wait_until_window", {"from": start, "to": end}
        case _:
            raise ValueError(f"Cannot draw “{' '.join(words)}”.")


def _amount(text: str) -> dict[str, Any]:
    return {"amount": int(text[:-1]), "unit": UNITS[text[-1]]}


def _changing(words: list[str]) -> dict[str, Any]:
    change, name, *more = words
    match change:
        case "clear":
            return {"property": name, "change": change}
        case "copy":
            return {"property": name, "change": change, "field": more[0]}
        case _:
            value = int(more[0]) if more[0].lstrip("-").isdigit() else more[0]
            return {"property": name, "change": change, "value": value}


def _exit(more: list[str]) -> dict[str, Any]:
    reason, reenter = [*more, "done", "at_once"][:2] if not more else [more[0], (more[1:] or ["at_once"])[0]]
    if reenter.endswith("d") and reenter[:-1].isdigit():
        return {"reason": reason, "reenter": {"after_days": int(reenter[:-1])}}
    return {"reason": reason, "reenter": reenter}
