"""Telephone numbers, the length of SMS, the pause that a server asks for."""

from datetime import UTC, datetime, timedelta

import pytest

from wagtail_flows.lib.phone import e164
from wagtail_flows.lib.retry_after import retry_after
from wagtail_flows.lib.sms_length import sms_length


NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+33612345678", "+33612345678"),
        (" +33 6.12-34\u00a056\u202f78 ", "+33612345678"),
        ("+1-202-555-0123", "+12025550123"),
        ("0033612345678", None),
        ("0612345678", None),
        ("+0612345678", None),
        ("+33 (0)6 12", None),
        ("+123456", None),
        ("+" + "1" * 16, None),
        ("+33612345678\n+33612345679", None),
        ("+٣٣٦١٢٣٤٥٦٧٨", None),
        ("", None),
    ],
)
def test_a_number_is_e164_or_none(text, number):
    assert e164(text) == number


@pytest.mark.parametrize(
    ("text", "units", "segments", "strange"),
    [
        ("", 0, 1, ""),
        ("a" * 160, 160, 1, ""),
        ("a" * 161, 161, 2, ""),
        ("a" * 306, 306, 2, ""),
        ("a" * 307, 307, 3, ""),
        ("é€", 3, 1, ""),
        ("€" * 80, 160, 1, ""),
        ("€" * 81, 162, 2, ""),
        ("ê" * 70, 70, 1, "ê"),
        ("ê" * 71, 71, 2, "ê"),
        ("😀" * 35, 70, 1, "😀"),
        ("😀" * 36, 72, 2, "😀"),
        ("It’s", 4, 1, "’"),
    ],
)
def test_a_text_is_measured_as_telephones_count(text, units, segments, strange):
    found = sms_length(text)
    assert (found.units, found.segments, found.strange) == (units, segments, strange)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120), (" 0 ", 0), (None, 0), ("", 0), ("-5", 0), ("soon", 0), ("1" * 12, 0), ("٣", 0),
        ("Mon, 02 Mar 2026 12:01:00 GMT", 60), ("Mon, 02 Mar 2026 11:00:00 GMT", 0),
        ("Mon, 02 Mar 2026 12:01:00 -0000", 60),
    ],
)  # fmt: skip
def test_the_pause_that_a_server_asks_for(value, seconds):
    assert retry_after(value, NOW) == timedelta(seconds=seconds)
