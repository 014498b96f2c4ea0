"""Settings that limit what is sent are checked before anything is."""

import pytest

from wagtail_flows.engine.limit_checks import limits_make_sense


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("FREQUENCY_CAPS", {"commercial": {"a_day": 2, "a_week": 5}, "transactional": {"a_day": 9}}, []),
        ("FREQUENCY_CAPS", {"commercial": {"a_year": 2}}, ["E010"]),
        ("FREQUENCY_CAPS", {"commercial": {"a_day": 0}}, ["E010"]),
        ("FREQUENCY_CAPS", {"commercial": 2}, ["E010"]),
        ("FREQUENCY_CAPS", {"newsletter": {"a_day": 2}}, ["E010"]),
        ("QUIET_HOURS", "21:00-08:00", []),
        ("QUIET_HOURS", "21:00 - 8", ["E011"]),
        ("QUIET_HOURS", "at night", ["E011"]),
        ("TRANSPORT_RATES", {"default": 60}, []),
        ("TRANSPORT_RATES", {"default": "60"}, ["E012"]),
        ("PROVIDER_RATES", {"gmail.com": 60, "*": 10}, []),
        ("PROVIDER_RATES", {"gmail.com": True}, ["E012"]),
    ],
)
def test_a_limit_that_is_not_understood_is_told(settings, name, value, found):
    setattr(settings, f"FLOWS_{name}", value)
    assert [message.id for message in limits_make_sense()] == [f"wagtail_flows.{code}" for code in found]
