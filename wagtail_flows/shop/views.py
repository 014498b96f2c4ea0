"""Where shops post their webhooks."""

from __future__ import annotations

import logging

from http import HTTPStatus
from uuid import UUID

from django.db import Error as DatabaseTrouble
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from wagtail_flows.conf import conf
from wagtail_flows.lib import hot_rows
from wagtail_flows.shop import reasons
from wagtail_flows.shop.adapters.registry import UnknownAdapter
from wagtail_flows.shop.models import Shop
from wagtail_flows.shop.receiving import Answer, Received, receive, refuse


log = logging.getLogger(__name__)


@csrf_exempt
@require_POST
@transaction.non_atomic_requests
def receive_webhook(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take in one webhook of one shop. Any trouble with the database is ours, so the shop is asked to send it again."""
    try:
        answer = _answer(request, public_id)
    except DatabaseTrouble:
        log.exception("A webhook for shop %s could not be stored", public_id)
        answer = Answer(HTTPStatus.SERVICE_UNAVAILABLE, "It could not be stored; send it again.")
    response = HttpResponse(answer.text, status=answer.status, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response


def _answer(request: HttpRequest, public_id: UUID) -> Answer:
    shop = hot_rows.find(Shop, "public_id", public_id)
    if shop is None:
        return Answer(HTTPStatus.NOT_FOUND, "There is no such shop.")
    if not shop.is_active:
        # Not 404: whoever looks into the shop's log shall see that the address is right, but was switched off.
        return Answer(HTTPStatus.GONE, "This shop is switched off.")
    headers = {name.lower(): value for name, value in request.headers.items()}
    told_size = _told_size(request)
    if told_size > conf.WEBHOOK_MAX_BYTES:
        return _refuse_size(shop, headers, told_size)
    try:
        body = request.read(conf.WEBHOOK_MAX_BYTES + 1)
    except UnreadablePostError:
        return Answer(HTTPStatus.BAD_REQUEST, "The request ended too early.")
    if len(body) > conf.WEBHOOK_MAX_BYTES:
        return _refuse_size(shop, headers, len(body))
    try:
        return receive(shop, Received(body, headers))
    except UnknownAdapter:
        log.exception("Shop %s needs an adapter that isn't installed", public_id)
        return Answer(HTTPStatus.SERVICE_UNAVAILABLE, "This kind of shop can't be read here; send it again.")


def _told_size(request: HttpRequest) -> int:
    told = request.META.get("CONTENT_LENGTH") or "0"
    return min(int(told), 2**31 - 1) if told.isascii() and told.isdigit() and len(told) < 20 else 0


def _refuse_size(shop: Shop, headers: dict[str, str], size: int) -> Answer:
    reason = reasons.filled(reasons.TOO_LARGE, bytes=conf.WEBHOOK_MAX_BYTES)
    return refuse(shop, headers, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, reason, size=size)
