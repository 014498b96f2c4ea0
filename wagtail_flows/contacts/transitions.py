"""How a subscription goes from one status to another, with what proves it and what is told about it: in memory, for
one contact as for many. Who calls writes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from wagtail_flows.conf import conf
from wagtail_flows.contacts.models import Consent, Contact, MailingList, Subscription
from wagtail_flows.events.recording import NewEvent


@dataclass(frozen=True)
class Evidence:
    """What proves a consent: the wording shown, how it came (`form`, `link`, `one-click`, `admin`, `scenario`,
    `provider`), on which page and revision of it, in which language, and from which IP address if the site keeps it.
    """

    wording: str = ""
    source: str = ""
    page_id: int | None = None
    page_revision_id: int | None = None
    page_url: str = ""
    locale: str = ""
    ip_address: str | None = None


def begin_round(subscription: Subscription, now: datetime) -> None:
    """It is asked for, once more perhaps, and pending."""
    subscription.round += 1
    subscription.status = Subscription.Status.PENDING
    subscription.requested_at = now
    subscription.confirmed_at = subscription.left_at = None


def become_subscribed(subscription: Subscription, now: datetime) -> None:
    subscription.status = Subscription.Status.SUBSCRIBED
    subscription.confirmed_at = now


def become_unsubscribed(subscription: Subscription, now: datetime) -> None:
    subscription.round = subscription.round or 1
    subscription.status = Subscription.Status.UNSUBSCRIBED
    subscription.left_at = now


def consent(
    contact: Contact, mailing_list: MailingList | None, action: str, evidence: Evidence, at: datetime
) -> Consent:
    """The row of this evidence, not yet stored."""
    return Consent(
        contact=contact,
        mailing_list=mailing_list,
        list_name=mailing_list.public_name if mailing_list else "",
        action=action,
        wording=evidence.wording.replace("\x00", ""),
        source=evidence.source[:40],
        page_id=evidence.page_id,
        page_revision_id=evidence.page_revision_id,
        page_url=evidence.page_url[:500],
        locale=evidence.locale[:35],
        ip_address=evidence.ip_address if conf.KEEP_IP_ADDRESSES else None,
        happened_at=at,
    )


def list_event(kind: str, subscription: Subscription, evidence: Evidence | Consent) -> NewEvent:
    """The event of this round of a subscription, not yet recorded. It tells how it came, as far as `evidence` does."""
    list_id = str(subscription.mailing_list.public_id)
    return NewEvent(
        kind=kind,
        contact_id=subscription.contact_id,
        source="site",
        dedupe_key=f"subscription:{subscription.public_id}:{subscription.round}",
        subject=f"list:{list_id}",
        data={"list": list_id, **_how(evidence)},
    )


def _how(evidence: Evidence | Consent) -> dict[str, str]:
    told = {"source": evidence.source[:40], "page": str(evidence.page_id or "")}
    return {name: value for name, value in told.items() if value}
