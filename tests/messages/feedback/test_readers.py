"""Who opened or clicked: documented cases, one a line."""

from datetime import timedelta

import pytest

from wagtail_flows.messages.feedback.readers import APPLE, GMAIL_AHEAD, clicked_by, opened_by


pytestmark = pytest.mark.once

GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
YAHOO = "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
CUBOT = "Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 Chrome/80.0 Mobile Safari/537.36"
BARRACUDA = "BarracudaCentral/1.0"
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("agent", "told", "by"),
    [
        (PHONE, None, "human"),
        (CUBOT, None, "human"),
        (GMAIL, None, "human"),
        (YAHOO, None, "human"),
        (APPLE, None, "machine"),
        (APPLE, False, "machine"),
        (GMAIL_AHEAD, None, "machine"),
        ("Mozilla/5.0 (compatible; Googlebot/2.1)", None, "machine"),
        (PHONE, True, "machine"),
        ("", None, "unknown"),
        ("", False, "human"),
        ("", True, "machine"),
    ],
)
def test_opens(agent, told, by):
    assert opened_by(agent, told) == by


@pytest.mark.parametrize(
    ("agent", "told", "after", "by"),
    [
        (PHONE, None, HOUR, "human"),
        (PHONE, None, 30 * SECOND, "human"),
        (PHONE, None, SECOND, "machine"),
        (PHONE, None, -SECOND, "machine"),
        (PHONE, None, None, "human"),
        (PHONE, True, HOUR, "machine"),
        (BARRACUDA, None, HOUR, "machine"),
        ("python-requests/2.31", False, HOUR, "machine"),
        ("", None, SECOND, "machine"),
        ("", None, 30 * SECOND, "unknown"),
        ("", None, HOUR, "human"),
        ("", None, None, "unknown"),
        ("", False, 30 * SECOND, "human"),
    ],
)
def test_clicks(agent, told, after, by):
    assert clicked_by(agent, told, after) == by
