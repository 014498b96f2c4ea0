"""Mailbox providers, and the rates of complaints and bounces that they, or those who send for a living, publish. Pure.

Complaints, in percent of what a provider was sent:

- Gmail: stay below 0.1 %, never reach 0.3 % ("Email sender guidelines FAQ", support.google.com/a/answer/14229414).
- Yahoo, AOL: stay below 0.3 % ("Sender best practices", senders.yahooinc.com/best-practices).
- The others publish no number; 0.3 % is asked of them too.

Bounces: no mailbox provider publishes a number. Amazon SES reviews an account at 5 % and stops it at 10 % ("Reputation
metrics", docs.aws.amazon.com/ses); the 5 % are asked of every provider.

A handful of mails says nothing, so both have a smallest sample.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


MOST_COMPLAINTS = Decimal("0.3")
MOST_BOUNCES = Decimal(5)


@dataclass(frozen=True, slots=True)
class Provider:
    """`domains` as the right side of addresses has them; thresholds in percent."""

    name: str
    domains: frozenset[str]
    most_complaints: Decimal = MOST_COMPLAINTS
    most_bounces: Decimal = MOST_BOUNCES


@dataclass(frozen=True, slots=True)
class Sample:
    """From how many mails sent, and from how many bad ones on, a rate says something."""

    sent: int
    bad: int


COMPLAINT_SAMPLE = Sample(sent=200, bad=3)
BOUNCE_SAMPLE = Sample(sent=50, bad=10)

_DOMAINS = {
    "Gmail": "gmail.com googlemail.com",
    "Yahoo": "yahoo.com yahoo.fr yahoo.co.uk yahoo.de yahoo.it yahoo.es yahoo.ca yahoo.co.in ymail.com rocketmail.com "
    "aol.com aol.fr",
    "Outlook": "outlook.com outlook.fr outlook.de hotmail.com hotmail.fr hotmail.co.uk hotmail.de hotmail.it "
    "hotmail.es live.com live.fr live.co.uk msn.com",
    "iCloud": "icloud.com me.com mac.com",
    "Orange": "orange.fr wanadoo.fr voila.fr",
    "Free": "free.fr aliceadsl.fr",
    "La Poste": "laposte.net",
    "SFR": "sfr.fr neuf.fr cegetel.net club-internet.fr numericable.fr",
    "Bouygues": "bbox.fr",
    "GMX": "gmx.de gmx.net gmx.at gmx.ch gmx.com gmx.fr web.de",
}
PROVIDERS = tuple(Provider(name, frozenset(domains.split())) for name, domains in _DOMAINS.items())
_BY_DOMAIN = {domain: provider for provider in PROVIDERS for domain in provider.domains}


def provider_of(domain: str) -> Provider:
    """Whose mailboxes a domain has; one that isn't known is a provider of its own."""
    return _BY_DOMAIN.get(domain) or Provider(domain, frozenset({domain}))


def percent(bad: int, sent: int) -> Decimal:
    """The rate, in percent with two places; nothing of nothing is zero."""
    return (Decimal(100 * bad) / sent).quantize(Decimal("0.01")) if sent else Decimal(0)


def is_too_high(bad: int, sent: int, most: Decimal, sample: Sample) -> bool:
    """Whether more than `most` percent are bad, in a sample that says something."""
    return bad >= sample.bad and sent >= sample.sent and Decimal(100 * bad) > most * sent
