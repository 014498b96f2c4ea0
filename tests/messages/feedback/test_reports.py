"""What is believed of what providers say."""

import string

from datetime import UTC, datetime
from types import SimpleNamespace
from uuid import UUID

import pytest

from hypothesis import given
from hypothesis import strategies as st

from wagtail_flows.messages.feedback.reports import FATES, Fate, read


pytestmark = pytest.mark.once

OURS = UUID("11111111-2222-4333-8444-555555555555")


NAMES = (
    "event_id",
    "recipient",
    "timestamp",
    "reject_reason",
    "mta_response",
    "description",
    "click_url",
    "user_agent",
)


def event(kind="bounced", **values):
    told = dict.fromkeys((*NAMES, "esp_event"))
    return SimpleNamespace(event_type=kind, **{**told, "metadata": {"flows_delivery": str(OURS)}, **values})


@pytest.mark.parametrize(
    ("provider", "kind", "reason", "raw", "is_dead"),
    [
        ("Mailjet", "bounced", "bounced", {"event": "bounce", "hard_bounce": True, "error": "user unknown"}, True),
        ("Mailjet", "bounced", "bounced", {"event": "bounce", "hard_bounce": False, "error": "user unknown"}, False),
        ("Mailjet", "rejected", "bounced", {"event": "blocked", "error": "user unknown"}, True),
        ("Mailjet", "rejected", "bounced", {"event": "blocked", "error": "quota exceeded"}, False),
        ("Postmark", "bounced", "bounced", {"RecordType": "Bounce", "Type": "HardBounce"}, True),
        ("Postmark", "bounced", "bounced", {"RecordType": "Bounce", "Type": "SoftBounce"}, False),
        ("Brevo", "bounced", "bounced", {"event": "hard_bounce"}, True),
        ("Brevo", "bounced", "bounced", {"event": "soft_bounce"}, False),
        ("Brevo", "bounced", "invalid", {"event": "invalid_email"}, True),
        ("Amazon SES", "bounced", "bounced", {"bounce": {"bounceType": "Permanent"}}, True),
        ("Amazon SES", "bounced", "bounced", {"bounce": {"bounceType": "Transient"}}, False),
        ("Amazon SES", "bounced", "bounced", {"bounce": {"bounceType": "Undetermined"}}, False),
        ("Mandrill", "bounced", None, {"event": "hard_bounce"}, True),
        ("Mandrill", "bounced", None, {"event": "soft_bounce"}, False),
        ("SendGrid", "bounced", None, {"event": "bounce", "type": "bounce"}, True),
        ("SendGrid", "bounced", None, {"event": "bounce", "type": "blocked"}, False),
        ("SendGrid", "rejected", "bounced", {"event": "dropped", "reason": "Bounced Address"}, True),
        ("SparkPost", "bounced", "bounced", {"msys": {"message_event": {"bounce_class": "30"}}}, True),
        ("SparkPost", "bounced", "bounced", {"msys": {"message_event": {"bounce_class": "22"}}}, False),
        ("Resend", "bounced", "bounced", {"data": {"bounce": {"type": "Permanent"}}}, True),
        ("Resend", "bounced", "bounced", {"data": {"bounce": {"type": "Transient"}}}, False),
        ("Mailgun", "bounced", "bounced", {}, True),
        ("Mailgun", "bounced", "other", {}, False),
        ("Unheard of", "bounced", "bounced", None, True),
        ("Unheard of", "bounced", "timed_out", None, False),
        ("Unheard of", "rejected", "invalid", None, True),
        ("Unheard of", "rejected", "blocked", None, False),
        ("Unheard of", "deferred", "bounced", None, False),
        ("Unheard of", "delivered", "bounced", None, False),
    ],
)
def test_only_a_bounce_for_good_says_that_nobody_has_the_address(provider, kind, reason, raw, is_dead):
    assert read(event(kind, reject_reason=reason, esp_event=raw), provider).is_dead is is_dead


@pytest.mark.parametrize(
    ("kind", "reason", "complained"),
    [
        ("complained", None, True),
        ("rejected", "spam", True),
        # A filter's opinion of what was in the mail.
        ("bounced", "spam", False),
        ("opened", "spam", False),
    ],
)
def test_a_complaint_is_what_a_person_said(kind, reason, complained):
    assert read(event(kind, reject_reason=reason), "SparkPost").has_complained is complained


@pytest.mark.parametrize(
    ("provider", "raw", "is_machine"),
    [
        ("Brevo", {"event": "unique_proxy_open"}, True),
        ("Brevo", {"event": "opened"}, False),
        ("Brevo", {"event": "click"}, None),
        ("Mailgun", {"event-data": {"client-info": {"bot": "apple"}}}, True),
        ("Mailgun", {"event-data": {"client-info": {"bot": ""}}}, False),
        ("Mailgun", {"event-data": {}}, None),
        ("SendGrid", {"event": "open", "sg_machine_open": True}, True),
        ("SendGrid", {"event": "open", "sg_machine_open": False}, False),
        ("SparkPost", {"msys": {"track_event": {"is_prefetched": True}}}, True),
        ("Mailjet", {"event": "open"}, None),
    ],
)
def test_some_providers_know_a_machine_when_they_see_one(provider, raw, is_machine):
    assert read(event("opened", esp_event=raw), provider).is_machine is is_machine


@pytest.mark.parametrize(
    "metadata",
    [None, {}, [], "x", 7, {"other": "1"}, *({"flows_delivery": told} for told in ("", "x" * 36, 7, None, [], {}))],
)
def test_what_names_no_delivery_is_not_ours(metadata):
    assert read(event(metadata=metadata), "Mailjet") is None


@pytest.mark.parametrize("kind", ["unknown", "inbound", "inbound_failed", "subscribed", "", None, 7, []])
def test_what_says_nothing_about_a_mail_is_left_alone(kind):
    assert read(event(kind), "Mailjet") is None


def test_texts_are_cut_and_cleaned():
    huge = "https://example.org/\x00\ud800" + "x" * 1_000_000
    found = read(event("clicked", click_url=huge, user_agent=huge, event_id=huge, mta_response=huge), "Mailjet")
    assert found.fate is Fate.CLICKED
    for text, longest in ((found.link, 2000), (found.agent, 500), (found.event_id, 200), (found.words, 2000)):
        assert len(text) <= longest
        assert text.startswith("https://example.org/")
        assert "\x00" not in text
        assert text.encode()


@pytest.mark.parametrize(
    ("told", "at"),
    [
        (datetime(2030, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)),
        (datetime(2030, 1, 1), datetime(2030, 1, 1, tzinfo=UTC)),  # noqa: DTZ001
        (datetime.max.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)),
        ("2030-01-01", None),
        (None, None),
        (7, None),
    ],
)
def test_moments_are_in_utc(told, at):
    assert read(event(timestamp=told), "Mailjet").at == at


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.text(st.characters(categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(string.ascii_letters, max_size=8), inner),
    max_leaves=6,
)


@given(
    st.sampled_from(sorted(FATES)) | JSON,
    st.fixed_dictionaries(dict.fromkeys(NAMES, JSON)),
    JSON | st.builds(lambda told: {"event": "bounce", "type": told, "bounce": told, "msys": told, "data": told}, JSON),
    st.sampled_from(["Amazon SES", "Brevo", "Mailgun", "Mailjet", "Postmark", "Resend", "SendGrid", "SparkPost"]),
)
def test_nothing_that_json_holds_raises(kind, values, raw, provider):
    read(event(kind, **values, esp_event=raw), provider)
