"""Letting a request in: who asks, how often, and what the body says. Everything else is refused in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.http.request import UnreadablePostError
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from wagtail_flows.api.keys import find, note_use
from wagtail_flows.api.models import ApiKey
from wagtail_flows.api.problems import Refused
from wagtail_flows.conf import conf
from wagtail_flows.lib import clock
from wagtail_flows.lib.limits import take
from wagtail_flows.lib.visitors import client_address, origin
from wagtail_flows.scenarios.json_text import BadJSON, read_json


A_MINUTE = timedelta(minutes=1)
WRONG_KEYS_A_MINUTE = 30
Answerer = Callable[..., tuple[HTTPStatus, dict[str, Any]]]


def endpoint(scope: ApiKey.Scope) -> Callable[[Answerer], Any]:
    """A view that takes POST with JSON and a key that may do this; the function gets the body and answers."""

    def made(answer: Answerer) -> Any:
        @csrf_exempt  # a key in a header is nothing that a browser sends by itself
        @transaction.non_atomic_requests
        @wraps(answer)
        def view(request: HttpRequest, **kwargs: Any) -> JsonResponse:
            try:
                _let_in(request, scope)
                status, content = answer(_body(request), **kwargs)
                response = JsonResponse(content, status=status)
            except Refused as refused:
                response = refused.response()
            response["Cache-Control"] = "no-store"
            return response

        return view

    return made


def _let_in(request: HttpRequest, scope: ApiKey.Scope) -> None:
    if request.method != "POST":
        text = _("Only POST is answered here.")
        raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, "method", text, headers={"Allow": "POST"})
    key = _key(request)
    now = clock.now()
    if not take(f"api:{key.pk}", conf.API_REQUESTS_PER_MINUTE, A_MINUTE, now=now):
        raise _too_many()
    note_use(key, now)
    if scope.value not in key.scopes:
        text = _("This key may not %(scope)s.") % {"scope": scope.label}
        raise Refused(HTTPStatus.FORBIDDEN, "scope", text)


def _key(request: HttpRequest) -> ApiKey:
    """Whoever shows wrong keys soon gets no answer about others."""
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    found = find(secret.strip()) if scheme.lower() == "bearer" else None
    if found is not None:
        return found
    who = origin(client_address(request.META, conf.TRUSTED_PROXY_COUNT))
    if not take(f"api-wrong:{who}", WRONG_KEYS_A_MINUTE, A_MINUTE, now=clock.now()):
        raise _too_many()
    text = _("Send an API key that is active: “Authorization: Bearer flows_…”.")
    raise Refused(HTTPStatus.UNAUTHORIZED, "key", text, headers={"WWW-Authenticate": "Bearer"})


def _too_many() -> Refused:
    text = _("Too many requests in this minute: try again in the next.")
    return Refused(HTTPStatus.TOO_MANY_REQUESTS, "too_many", text, headers={"Retry-After": "60"})


def _body(request: HttpRequest) -> dict[str, Any]:
    """The object in the body."""
    if request.content_type != "application/json":
        text = _("Send JSON: “Content-Type: application/json”.")
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "content_type", text)
    text = _text(request)
    try:
        data = read_json(text)
    except BadJSON as bad:
        raise Refused(HTTPStatus.BAD_REQUEST, "json", str(bad)) from bad
    if not isinstance(data, dict):
        raise Refused(HTTPStatus.BAD_REQUEST, "json", _("The body must be an object in braces."))
    return data


def _text(request: HttpRequest) -> str:
    told = request.META.get("CONTENT_LENGTH") or "0"
    if told.isdigit() and (len(told) > 12 or int(told) > conf.API_MAX_BYTES):
        raise _too_large()
    try:
        body = request.read(conf.API_MAX_BYTES + 1)
        text: str = body.decode("utf-8-sig")
    except UnreadablePostError as error:
        raise Refused(HTTPStatus.BAD_REQUEST, "cut_off", _("The request ended too early.")) from error
    except UnicodeDecodeError as error:
        raise Refused(HTTPStatus.BAD_REQUEST, "encoding", _("The body isn’t UTF-8.")) from error
    if len(body) > conf.API_MAX_BYTES:
        raise _too_large()
    return text


def _too_large() -> Refused:
    text = _("The body is too large: at most %(max)d bytes are read.") % {"max": conf.API_MAX_BYTES}
    return Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", text)
