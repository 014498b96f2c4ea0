"""Reasons are kept in English and recognised again when they are shown."""

import pytest

from wagtail_flows.shop import reasons


NAMES = {"byte": "3", "error": "line 1, (char 0)", "header": "order_paid", "body": "'User'", "bytes": "1024"}


@pytest.mark.parametrize("template", reasons.TEMPLATES)
def test_a_kept_reason_is_recognised_with_what_was_filled_in(template):
    kept = reasons.filled(template, **NAMES)
    found, values = reasons.recognised(kept)
    assert found == template
    assert values
    assert found % values == kept == reasons.shown(kept)


def test_other_words_stay_as_they_are():
    assert reasons.shown("") == ""
    assert reasons.shown("KeyError: 'x' 100%") == "KeyError: 'x' 100%"
