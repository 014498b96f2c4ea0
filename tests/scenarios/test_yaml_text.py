"""YAML is read strictly, and never more than plain values."""

import pytest

from hypothesis import given
from hypothesis import strategies as st

from wagtail_flows.scenarios.yaml_text import LARGEST_FILE, BadYAML, read_yaml, write_yaml


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
HARD = st.sampled_from(
    [
        "no",
        "on",
        "09:00",
        "1e5",
        "2026-12-24",
        "null",
        "~",
        "",
        "0x1F",
        "1_000",
        "012",
        "- a",
        "a: b",
        "#",
        "<<",
        "=",
        "é",
    ]
)
NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
PLAIN = st.none() | st.booleans() | NUMBERS | TEXTS | HARD
JSON = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS | HARD, inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_what_is_written_is_read_again(data):
    assert read_yaml(write_yaml(data)).data == data
    assert read_yaml(write_yaml(data).encode()).data == data


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("at: 09:00", {"at": "09:00"}),
        ("date: 2026-12-24", {"date": "2026-12-24"}),
        ("a: no\nb: true\nc:\nd: 012", {"a": "no", "b": True, "c": None, "d": "012"}),
        ("a: 5\nb: -1.5\nc: '5'", {"a": 5, "b": -1.5, "c": "5"}),
        ("[1, {a: b}]", [1, {"a": "b"}]),
        ("<<: a", {"<<": "a"}),
        ("1: a\ntrue: b", {"1": "a", "true": "b"}),
        ("", None),
        ("# nothing", None),
        ("\ufeffa: 1", {"a": 1}),
    ],
)
def test_only_what_json_knows_is_more_than_text(text, data):
    assert read_yaml(text.encode()).data == data


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("a: 1\nb: [", "Line "),
        ("a: 1\na: 2", "Line 2: “a” is given twice"),
        ("a: &x 1\nb: *x", "Line 1: anchors"),
        ("a: 1\nb: *x", "Line 2: anchors"),
        ("a: !!python/object/apply:os.system ['true']", "Line 1: tags"),
        ("!x a: 1", "Line 1: "),
        ("a: !!binary aGVsbG8=", "Line 1: tags"),
        ("a: 1\n---\nb: 2", "Line 2: a second document"),
        ("? [a]\n: 1", "Line 1: a name"),
        ("a: " + "1" * 5000, "Line 1: this number"),
        ("[" * 2000, "Line 1: "),
        ("a: \x07", ""),
        ('a: "\\ud800"', ""),
        ('a: "\\0"', "Line 1: this text"),
        ("a\tb:\t\t- c: [}", ""),
    ],
)
def test_what_is_not_read_is_refused_with_its_line(text, where):
    with pytest.raises(BadYAML) as refusal:
        read_yaml(text.encode())
    assert where in str(refusal.value)


def test_a_bomb_of_aliases_never_grows():
    bomb = "a: &a [x, x]\n" + "".join(
        f"{name}: &{name} [*{last}, *{last}]\n" for last, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    with pytest.raises(BadYAML, match="anchors"):
        read_yaml(bomb)


def test_a_file_that_is_too_large_or_of_another_encoding_is_refused():
    with pytest.raises(BadYAML, match="too large"):
        read_yaml(b"a" * (LARGEST_FILE + 1))
    with pytest.raises(BadYAML, match="UTF-8"):
        read_yaml("name: é".encode("latin-1"))
    with pytest.raises(BadYAML):
        read_yaml("name: é".encode("utf-16"))


@given(st.binary(max_size=60) | st.text(max_size=60))
def test_whatever_is_read_is_read_or_refused(source):
    try:
        read_yaml(source)
    except BadYAML as refusal:
        assert str(refusal)  # noqa: PT017


def test_each_part_knows_its_line():
    located = read_yaml("name: A\nsteps:\n  - id: a\n    kind: wait\n  - id: b\n")
    assert located.line_of(("steps", 0, "kind")) == 4
    assert located.line_of(("steps", 1, "outlets", "next")) == 5
    assert located.line_of(("triggers",)) == 1
