"""Who opened or clicked: a person, a machine, or nobody can tell. Pure.

Facts, not guesses:

- Apple Mail fetches all images by itself, behind proxies that call themselves `Mozilla/5.0` and nothing else
  (https://documentation.mailgun.com/docs/mailgun/user-manual/tracking-messages/open-click-bot-detect,
  https://bird.com/en-us/blog/4-insights-on-ios-15-mail-privacy-protection).
- Gmail fetches images ahead for who has it open, with a user agent of its own
  (https://www.sparkpost.com/blog/gmail-prefetching-images/). Its GoogleImageProxy is another one: it fetches when
  somebody opens the e-mail, as YahooMailProxy does (https://wordtothewise.com/2013/12/gmail-deploys-image-proxy-servers/,
  https://www.scientiamobile.com/what-is-google-image-proxy/).
- Filters of companies follow each link when an e-mail arrives, with names of their own, none, or a browser's
  (https://wordtothewise.com/2013/07/barracuda-filters-clicking-all-links/). Nobody has read and clicked within seconds.

Providers that tell no user agent: an open without one may be Apple's, so it is unknown. Not so a click: proxies don't
click, and filters do it at once. So a click without one is a person's, once the time is over in which filters look; a
winner by clicks and the usual hour then work with these providers too.
"""

from __future__ import annotations

import re

from datetime import timedelta
from enum import StrEnum


class By(StrEnum):
    HUMAN = "human"
    MACHINE = "machine"
    UNKNOWN = "unknown"


APPLE = "Mozilla/5.0"
GMAIL_AHEAD = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/42.0.2311.135 "
    "Safari/537.36 Edge/12.246 Mozilla/5.0"
)
# Programs that say what they are; `bot/` isn't a Cubot telephone.
MACHINES = re.compile(
    r"barracuda|proofpoint|mimecast|trendmicro|bot/|crawler|spider|bingpreview|headlesschrome|python-requests|curl/"
    r"|wget/|go-http-client",
    re.IGNORECASE,
)
# From the hand-over on: to arrive, be seen, be read and be clicked takes longer.
AT_ONCE = timedelta(seconds=5)
# A filter without a name may take so long, behind a queue or two.
SCANNING = timedelta(minutes=2)


def opened_by(agent: str, is_machine: bool | None) -> By:
    """`agent`: the user agent, "" where it isn't told. `is_machine`: what the provider says, if anything."""
    if is_machine or _names_a_machine(agent):
        return By.MACHINE
    if agent or is_machine is False:
        return By.HUMAN
    return By.UNKNOWN


def clicked_by(agent: str, is_machine: bool | None, after: timedelta | None) -> By:
    """The same of a click so long after the hand-over; None where that isn't known."""
    if is_machine or _names_a_machine(agent) or (after is not None and after < AT_ONCE):
        return By.MACHINE
    if agent or is_machine is False:
        return By.HUMAN
    return By.HUMAN if after is not None and after >= SCANNING else By.UNKNOWN


def _names_a_machine(agent: str) -> bool:
    return agent in (APPLE, GMAIL_AHEAD) or MACHINES.search(agent) is not None
