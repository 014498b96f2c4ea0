"""Settings are read late, typed, and say what is wrong with them."""

import pytest

from wagtail_flows.conf import Settings, conf


def test_a_default_holds_until_the_site_says_otherwise(settings):
    assert conf.BATCH_SIZE == 1000
    settings.FLOWS_BATCH_SIZE = 7
    assert conf.BATCH_SIZE == 7


def test_every_default_is_a_good_value():
    assert [one.name for one in Settings.declared() if one.problem(one.default)] == []


def test_every_setting_is_explained_in_sentences():
    assert [one.name for one in Settings.declared() if not one.help_text.endswith(".")] == []


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("TICK_SECONDS", 61, "must be at most 60, not 61"),
        ("TICK_SECONDS", 0, "must be at least 1, not 0"),
        ("TICK_SECONDS", "50", "must be int, not '50'"),
        ("TICK_SECONDS", True, "must be int, not True"),
        ("ALLOW_CLOCK", 1, "must be bool, not 1"),
        ("BASE_URL", 5, "must be str or None, not 5"),
        ("BASE_URL", None, None),
        ("TICK_SECONDS", 60, None),
    ],
)
def test_a_wrong_value_is_named(name, value, problem):
    assert getattr(Settings, name).problem(value) == problem
