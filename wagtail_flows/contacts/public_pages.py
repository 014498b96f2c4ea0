"""How the public pages are answered: plain, private, in the language of the contact."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from wagtail.models import Site

from wagtail_flows.contacts.notices import Notice
from wagtail_flows.lib.languages import spoken


def notice_page(request: HttpRequest, notice: Notice, languages: Iterable[str] = (), **facts: str) -> HttpResponse:
    """A page that only says something. `facts` fill its text; `link` among them is where to go on."""
    with translation.override(language_for(request, languages)):
        known = {"list": "", "address": "", "site": site_name(request), **facts}
        context = {
            "notice": notice,
            "title": notice.title,
            "text": str(notice.text) % known,
            "link": facts.get("link", ""),
            "link_site": known["site"],
        }
        return _page(request, "notice", context, status=notice.status)


def question_page(request: HttpRequest, name: str, languages: Iterable[str], context: dict[str, Any]) -> HttpResponse:
    """A page with one button, from the template `name`."""
    with translation.override(language_for(request, languages)):
        return _page(request, name, context, status=200)


def one_click_answer(text: str, status: int = 200) -> HttpResponse:
    """The answer to a mail program, which nobody reads (RFC 8058, 3.2)."""
    return _private(HttpResponse(text + "\n", content_type="text/plain; charset=utf-8", status=status))


def language_for(request: HttpRequest, languages: Iterable[str]) -> str:
    """The first of the contact's languages that the site speaks, else the browser's."""
    return spoken(languages, fallback=translation.get_language_from_request(request))


def site_name(request: HttpRequest) -> str:
    """What the site calls itself, else its host."""
    site = Site.find_for_request(request)
    return str(site.site_name or site.hostname) if site else request.get_host()


def _page(request: HttpRequest, name: str, context: dict[str, Any], status: int) -> HttpResponse:
    full = {"site_name": site_name(request), **context}
    response = render(request, f"wagtail_flows/public/{name}.html", full, status=status)
    response["Content-Language"] = translation.get_language() or ""
    return _private(response)


def _private(response: HttpResponse) -> HttpResponse:
    # The address of the page is a secret: it must not leak to the next page, a cache, or a search engine.
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Cache-Control"] = "no-store, private"
    # Nobody may be made to press the button through a frame laid over another page.
    response["X-Frame-Options"] = "DENY"
    return response
