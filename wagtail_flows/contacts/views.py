"""The pages that links in mails lead to. Opening one changes nothing; pressing its button (POST) does.

They need no CSRF token: whoever could forge the POST must know the signed token in its address, and with that may press
the button anyway. So they set no cookie and work where cookies don't.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from wagtail.models import Site

from wagtail_flows.conf import conf
from wagtail_flows.contacts import notices, tokens
from wagtail_flows.contacts.models import Consent, Contact, MailingList, Subscription
from wagtail_flows.contacts.public_pages import language_for, notice_page, one_click_answer, question_page, site_name
from wagtail_flows.contacts.subscriptions import (
    ContactGone,
    SupersededConfirmation,
    confirm,
    has_left,
    unsubscribe,
)
from wagtail_flows.contacts.transitions import Evidence
from wagtail_flows.lib.public_urls import absolute_url
from wagtail_flows.lib.visitors import client_address


ONE_CLICK = "One-Click"


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_page(request: HttpRequest, token: str) -> HttpResponse:
    """Ask the owner of the address to confirm the subscription; POST confirms it."""
    try:
        payload = tokens.read(tokens.CONFIRM, token, max_age=timedelta(days=conf.CONFIRMATION_DAYS))
    except tokens.ForgedToken:
        return notice_page(request, notices.DAMAGED)
    except tokens.ForeignToken:
        return notice_page(request, notices.WRONG_PURPOSE)
    except tokens.ExpiredToken as expired:
        return notice_page(request, notices.EXPIRED, _languages(_subscription(expired.payload)))
    subscription = _subscription(payload)
    if subscription is None:
        return notice_page(request, notices.GONE)
    other = _other_site(request, subscription.mailing_list)
    if other is not None:
        return _send_there(request, subscription, other)
    return _confirmation(request, subscription, payload["r"])


def _confirmation(request: HttpRequest, subscription: Subscription, round_: int) -> HttpResponse:
    languages = _languages(subscription)
    facts = {"list": subscription.mailing_list.public_name}
    if subscription.round != round_ or subscription.status == Subscription.Status.UNSUBSCRIBED:
        return notice_page(request, notices.SUPERSEDED, languages, **facts)
    if subscription.status == Subscription.Status.SUBSCRIBED:
        return notice_page(request, notices.ALREADY_CONFIRMED, languages, **facts)
    with translation.override(language_for(request, languages)):
        wording = _("Confirm my subscription to “%(list)s”") % facts
    if request.method != "POST":
        context = {
            "mailing_list": subscription.mailing_list,
            "address": subscription.contact.address,
            "wording": wording,
        }
        return question_page(request, "confirm", languages, context)
    try:
        confirm(subscription, round_, evidence=_evidence(request, wording, "link", languages))
    except SupersededConfirmation:
        return notice_page(request, notices.SUPERSEDED, languages, **facts)
    except ContactGone:
        return notice_page(request, notices.GONE, languages)
    return notice_page(request, notices.CONFIRMED, languages, **facts)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe_page(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether to leave the list (or all commercial mail); POST leaves, also the one-click POST of a mail program.

    Leaving works on every site of the installation and for ever: whoever wants no more mail isn't sent elsewhere first.
    """
    is_one_click = request.method == "POST" and request.POST.get("List-Unsubscribe") == ONE_CLICK
    try:
        payload = tokens.read(tokens.UNSUBSCRIBE, token)
    except tokens.ForgedToken:
        return _refused(request, notices.DAMAGED, is_one_click)
    except tokens.ForeignToken:
        return _refused(request, notices.WRONG_PURPOSE, is_one_click)
    leaving = _leaving(payload)
    if leaving is None:
        return _refused(request, notices.GONE, is_one_click)
    return _leave_page(request, leaving, is_one_click)


@dataclass(frozen=True)
class Leaving:
    """Who wants to leave what; without a list all commercial mail."""

    contact: Contact
    mailing_list: MailingList | None

    def facts(self, request: HttpRequest) -> dict[str, str]:
        list_name = self.mailing_list.public_name if self.mailing_list else ""
        return {"address": self.contact.address, "list": list_name, "site": site_name(request)}

    def wording(self, request: HttpRequest) -> str:
        if self.mailing_list:
            return _("Unsubscribe from “%(list)s”") % self.facts(request)
        return _("Unsubscribe from all newsletters and offers of %(site)s") % self.facts(request)


def _leave_page(request: HttpRequest, leaving: Leaving, is_one_click: bool) -> HttpResponse:
    languages = [leaving.contact.locale]
    with translation.override(language_for(request, languages)):
        wording = leaving.wording(request)
    left = notices.LEFT_LIST if leaving.mailing_list else notices.LEFT_ALL
    if request.method != "POST":
        if has_left(leaving.contact, leaving.mailing_list):
            return notice_page(request, left, languages, **leaving.facts(request))
        context = {"mailing_list": leaving.mailing_list, "address": leaving.contact.address, "wording": wording}
        return question_page(request, "unsubscribe", languages, context)
    evidence = _evidence(request, wording, "one-click" if is_one_click else "link", languages)
    try:
        unsubscribe(leaving.contact, leaving.mailing_list, evidence=evidence)
    except ContactGone:
        return _refused(request, notices.GONE, is_one_click)
    if is_one_click:
        return one_click_answer("Unsubscribed.")
    return notice_page(request, left, languages, **leaving.facts(request))


def _refused(request: HttpRequest, notice: notices.Notice, is_one_click: bool) -> HttpResponse:
    if is_one_click:
        return one_click_answer(str(notice.title), status=notice.status)
    return notice_page(request, notice)


def _subscription(payload: dict[str, Any]) -> Subscription | None:
    rows = Subscription.objects.select_related("contact", "mailing_list__site")
    return rows.filter(public_id=UUID(payload["s"])).first()


def _leaving(payload: dict[str, Any]) -> Leaving | None:
    """None when the contact was erased. A list deleted since then becomes all commercial mail: never nothing."""
    contact = Contact.objects.filter(public_id=UUID(payload["c"])).first()
    if contact is None:
        return None
    mailing_list = MailingList.objects.filter(public_id=UUID(payload["l"])).first() if payload["l"] else None
    return Leaving(contact, mailing_list)


def _languages(subscription: Subscription | None) -> list[str]:
    """The language in which the subscription was asked for, then the contact's own."""
    if subscription is None:
        return []
    asked = Consent.objects.filter(
        contact_id=subscription.contact_id, mailing_list_id=subscription.mailing_list_id, action=Consent.Action.ASKED
    )
    latest = asked.order_by("-id").values_list("locale", flat=True).first()
    return [latest or "", subscription.contact.locale]


def _other_site(request: HttpRequest, mailing_list: MailingList) -> Site | None:
    """The site of the list, where that isn't the one asked."""
    here = Site.find_for_request(request)
    return mailing_list.site if here and mailing_list.site != here else None


def _send_there(request: HttpRequest, subscription: Subscription, site: Site) -> HttpResponse:
    facts = {"list": subscription.mailing_list.public_name, "site": site.site_name or site.hostname}
    link = absolute_url(request.path, site)
    return notice_page(request, notices.OTHER_SITE, _languages(subscription), link=link, **facts)


def _evidence(request: HttpRequest, wording: str, source: str, languages: list[str]) -> Evidence:
    return Evidence(
        wording=wording,
        source=source,
        page_url=_address_without_token(request),
        locale=language_for(request, languages),
        ip_address=client_address(request.META, conf.TRUSTED_PROXY_COUNT),
    )


def _address_without_token(request: HttpRequest) -> str:
    """Which page it was; its token would make the evidence a key."""
    return request.build_absolute_uri(request.path.rstrip("/").rpartition("/")[0] + "/")
