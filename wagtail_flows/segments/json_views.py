"""What the editor asks while a rule is being made: how many, what there is, what can be chosen. JSON only."""

from __future__ import annotations

import json

from typing import Any
from uuid import UUID

from django.db.models import Model
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from wagtail_flows.contacts.models import Contact
from wagtail_flows.lib.admin_policy import may
from wagtail_flows.lib.time_budget import TookTooLong, within
from wagtail_flows.segments import references
from wagtail_flows.segments.asking import Asked, ask
from wagtail_flows.segments.catalogue import catalogue
from wagtail_flows.segments.models import Segment


LONGEST_BODY = 256 * 1024
MOST_ITEMS = 30
MOST_IDS = 200
LONGEST_SEARCH = 200
SEARCH_SECONDS = 2.0


class RequestUnreadable(Exception):
    """The body can't be read; the status and the text say why."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class JSONView(View):
    """Any permission on the model lets in; whoever has none gets 403, whoever isn't logged in the log-in page."""

    model: type[Model] = Segment

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may(request.user, self.model):
            return refusal(403, _("You may not do this."))
        try:
            return super().dispatch(request, *args, **kwargs)
        except RequestUnreadable as unreadable:
            return refusal(unreadable.status, str(unreadable))


def refusal(status: int, text: str) -> JsonResponse:
    return JsonResponse({"error": text}, status=status)


def body_of(request: HttpRequest) -> dict[str, Any]:
    """The JSON object of the request. Raises RequestUnreadable."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > LONGEST_BODY:
        raise RequestUnreadable(413, _("This rule is too long."))
    try:
        data = json.loads(request.body)
    except (ValueError, RecursionError):
        raise RequestUnreadable(400, _("This is no JSON.")) from None
    if not isinstance(data, dict):
        raise RequestUnreadable(400, _("This is no JSON object."))
    return data


class CountView(JSONView):
    """POST {"rule": {…}, "segment": "<public id, of the one being edited>"?}."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> JsonResponse:
        data = body_of(request)
        may_see = may(request.user, Contact, "view", "change")
        asked = ask(data.get("rule"), with_people=may_see, inside=_public_id(data.get("segment")))
        return JsonResponse(as_json(asked))


def _public_id(text: object) -> str:
    try:
        return str(UUID(text)) if isinstance(text, str) else ""
    except ValueError:
        return ""


def as_json(asked: Asked) -> dict[str, Any]:
    return {
        "count": asked.count,
        "is_estimate": asked.is_estimate,
        "people": [person(contact) for contact in asked.people],
        "problems": [problem.as_json() for problem in asked.problems],
        "sentence": asked.sentence,
    }


def person(contact: Contact) -> dict[str, str]:
    return {
        "name": f"{contact.first_name} {contact.last_name}".strip(),
        "address": contact.address,
        "url": reverse("flows_contacts:inspect", args=[contact.pk]),
    }


class CatalogueView(JSONView):
    http_method_names = ["get"]

    def get(self, request: HttpRequest) -> JsonResponse:
        return JsonResponse(catalogue())


class ReferencesView(JSONView):
    """GET ?q=text, or ?ids=a,b to learn their labels. `kind` is what fields and options call `refers_to`."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest, kind: str) -> JsonResponse:
        referred = references.find(kind)
        if referred is None:
            return refusal(404, _("There is nothing of this kind."))
        rows = referred.may_choose(request.user)
        if rows is None:
            return refusal(403, _("You may not do this."))
        if "ids" in request.GET:
            names = referred.names(request.GET["ids"].split(",")[:MOST_IDS])
            return JsonResponse({"items": _items(names.items()), "has_more": False})
        text = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH]
        try:
            with within(SEARCH_SECONDS):
                found = referred.search(rows, text, MOST_ITEMS + 1)
        except TookTooLong:
            return JsonResponse({"items": [], "has_more": True})
        return JsonResponse({"items": _items(found[:MOST_ITEMS]), "has_more": len(found) > MOST_ITEMS})


def _items(pairs: Any) -> list[dict[str, str]]:
    return [{"id": key, "label": label} for key, label in pairs]
