"""Write docs/reference/segments.md from operators and fields: `make docs`. A test proves that the page is current."""

from pathlib import Path

import django

from wagtail_flows.segments.operators import OPERATORS, FieldType, Operand, Operator


PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "segments.md"
INTRODUCTION = """# Segments: rules, fields, operators

<!-- Made by `make docs` from wagtail_flows/segments. Change it there. -->

A rule is a tree. A group holds when `all`, `any` or `none` of its `rules` hold; a clause asks one field:

```json
{"match": "all", "rules": [
  {"field": "contact.locale", "operator": "is", "value": "fr"},
  {"match": "none", "rules": [
    {"field": "order.count", "operator": "at_least_once", "options": {"within_days": 90}}
  ]}
]}
```

A rule has at most 200 clauses and is at most 10 groups deep. Numbers and dates are text (`"12.50"`, `"2026-03-29"`),
counts and days are numbers. A rule that can't be asked (a field, a list or a property is gone; segments ask each
other in a circle) matches nobody, wherever it is used, and its pages say why.

Days are those of the site's zone (`TIME_ZONE`); "in the last 7 days" is today and the seven days before it. Text is
compared without case, without the space around it, and however its accents are written. Numbers are exact to six
decimal places. Who was born on 29 February has the anniversary on the 28th in common years.

## Nothing known: missing, null, blank

A property that was never set, one that was cleared, and text that is blank or only white space all count as *not
known*. Every operator then holds or doesn't, never something between; a negative one is the exact opposite of its
positive one. So `is_not "fr"` holds for whoever has no language. A count without anything to count is nought.
"""
EVENT_DATA = """
## The data of events: `where`

`where` takes at most ten tests on the data of one event, which must all hold:
`{"where": [{"name": "total", "operator": "at_least", "value": "50"}]}`. What is compared with is a text; `more_than`,
`at_least`, `less_than` and `at_most` take a number.

Unlike the text that is known of contacts, the data of events are compared exactly: capitals, accents and white space
count. So they do in the options `link` and `product`. A number is met by how it is written, without an exponent (`3` by
`"3"`, `3.0` by `"3.0"`), true and false by `"true"` and `"false"`.

| the data have | `is` | `is_not` | `contains` | the four on numbers |
|---|---|---|---|---|
| no such key | no | yes | no | no |
| null | no | yes | no | no |
| `""` | no | yes | no | no |
| a text | if it is the same | if it isn't | if this stands in it | if it is a number: `"49.90"`, not `"1,5"` |
| a number | if it is written so | if it isn't | no | exactly, if it has at most 40 characters |
| true, false | if it is written so | if it isn't | no | no |
| a list | no | yes | if one of its items is this | no |
| an object | no | yes | no | no |

[Tests on data in scenarios](graph.md) mean the same, but for two: there `contains` finds a text in capitals or not, and
a value may be a number, which is met by all texts that say it, while a text is only met by a text.

## Options

| option | means |
|---|---|
| `within_days` | today and so many days before it, by the day on which it happened, or the order was placed |
| `by` | OF_BY; people only where nothing is chosen |
| `message`, `page`, `list`, `shop` | identifiers |
| `link`, `product` | compared exactly with the event's data |
| `status` | of the order, whenever it was reached: OF_STATUS |
| `currency` | the code of the currency, such as `EUR` |

Orders that were only drafted never count. Cancelled ones count only where a `status` is chosen, also another one than
`cancelled`; refunded ones do count, with their whole total. Amounts are added up whatever their currency unless a
`currency` is chosen.
"""
OPERANDS = {
    Operand.NONE: "none",
    Operand.ONE: "one value",
    Operand.TWO: "two values, the smaller first",
    Operand.MANY: "1 to 200 values",
    Operand.DAYS: "0 to 36500 days",
    Operand.MONTH: "1 to 12",
}


def holds_without_value(field_type: FieldType, operator: Operator) -> bool | None:
    """Whether the operator holds for who has no value; None where that depends on what it is compared with."""
    if field_type == FieldType.COUNT and operator.operand != Operand.NONE:
        return None
    return bool(operator.opposite_of)


def page() -> str:
    """The whole page, as Markdown."""
    from wagtail_flows.segments.registration import SOURCES  # noqa: PLC0415 (after django.setup)

    return "\n".join(
        [INTRODUCTION, "## Operators\n", *map(table, OPERATORS), "## Fields\n", *fields(SOURCES), of_events()]
    )


def of_events() -> str:
    from wagtail_flows.segments.sources.happenings import PEOPLE  # noqa: PLC0415
    from wagtail_flows.shop.segment_fields import STATUS  # noqa: PLC0415

    return EVENT_DATA.replace("OF_BY", choices(PEOPLE)).replace("OF_STATUS", choices(STATUS))


def choices(option) -> str:
    return ", ".join(f"`{key}` ({label})" for key, label in option.choices)


def table(field_type: FieldType) -> str:
    rows = [row(field_type, operator) for operator in OPERATORS[field_type]]
    return "\n".join(
        [
            f"### {field_type}\n",
            "| operator | in words | value | opposite of | holds where nothing is known |",
            "|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def row(field_type: FieldType, operator: Operator) -> str:
    without = {True: "yes", False: "no", None: "as nought"}[holds_without_value(field_type, operator)]
    opposite = f"`{operator.opposite_of}`" if operator.opposite_of else ""
    return f"| `{operator.name}` | {operator.label} | {OPERANDS[operator.operand]} | {opposite} | {without} |"


def fields(sources):
    from wagtail_flows.engine.segment_fields import ScenarioSource  # noqa: PLC0415
    from wagtail_flows.segments.sources.properties import PropertySource  # noqa: PLC0415
    from wagtail_flows.shop.segment_fields import OrderSource  # noqa: PLC0415

    yield "| field | in words | type | options |"
    yield "|---|---|---|---|"
    for source in (*sources, OrderSource(), ScenarioSource()):
        if isinstance(source, PropertySource):
            yield "| `property.<name>` | a property of the contact | of the property | |"
            continue
        for field in source.fields():
            if not field.name.startswith("event."):
                options = ", ".join(f"`{option.name}`" for option in field.options)
                yield f"| `{field.name}` | {field.label} | {field.type} | {options} |"
    yield "| `event.<kind>` | an event of any kind | count | `within_days`, `where` |"
    yield ""
    yield "Other packages [add fields](../how-to/add-a-segment-field.md)."


if __name__ == "__main__":
    django.setup()
    PAGE.write_text(page(), encoding="utf-8")
