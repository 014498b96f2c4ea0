"""JSON that people type: strict, located, and storable on every database."""

import json
import sys

import pytest

from hypothesis import given
from hypothesis import strategies as st

from wagtail_flows.scenarios.json_text import BadJSON, read_json, write_json


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        # Python 3.13 finds the comma at fault, the ones before it the bracket.
        ('{\n  "a": 1,\n}', "Line 2, column 9" if sys.version_info >= (3, 13) else "Line 3, column 1"),
        ('{"a" 1}', "Line 1, column 6"),
        ("", "Line 1, column 1"),
        ("{} {}", "Line 1, column 4"),
        ('{"a": NaN}', "“NaN” isn't JSON"),
        ('{"a": -Infinity}', "“-Infinity” isn't JSON"),
        ('{"a": 1e999}', "too large"),
        ('{"a": ' + "9" * 5000 + "}", "too long"),
        ('{"a": 1, "b": 2, "a": 3}', "“a” is given twice"),
        ('{"a": "x\\u0000y"}', "“x?y” contains a character"),
        ('{"\\ud800": 1}', "“?” contains a character"),
        ("[" * 30 + "]" * 30, "nested too deep"),
        ("[" * 200_000, "nested too deep"),
        ('{"a":' * 100_000, "nested too deep"),
        (" " * 1_000_001, "too long"),
    ],
    ids=lambda value: value[:20],
)
def test_what_cannot_be_kept_is_refused_with_its_reason(text, reason):
    with pytest.raises(BadJSON) as caught:
        read_json(text)
    assert reason in str(caught.value)


def test_accents_and_other_scripts_are_kept_readable():
    assert write_json(read_json('{"é": "\\u00e9 Łódź 🎉"}')) == '{\n  "é": "é Łódź 🎉"\n}'


VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)
JSON = st.recursive(
    VALUES | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=10,
)


@given(JSON)
def test_what_is_written_is_read_the_same(data):
    assert json.dumps(read_json(write_json(data))) == json.dumps(data)


@given(st.text(max_size=60))
def test_no_text_makes_it_fail(text):
    try:
        told = read_json(text)
    except BadJSON as bad:
        told = str(bad)
    assert told is None or json.dumps(told)
