"""The demo's login is known to everybody, so it works on the machine itself only."""

import ipaddress

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import Http404, HttpRequest, HttpResponse


View = Callable[..., HttpResponse]


def is_loopback(request: HttpRequest) -> bool:
    """Does the request come from this very machine, with nothing in between?"""
    if "HTTP_X_FORWARDED_FOR" in request.META or "HTTP_FORWARDED" in request.META:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def local_only(view: View) -> View:
    """Let in who sits at this machine, while the site is a demonstration. For everybody else the page isn't there."""

    @wraps(view)
    def guarded(request: HttpRequest, **parameters: Any) -> HttpResponse:
        if not (settings.DEBUG and is_loopback(request)):
            raise Http404
        return view(request, **parameters)

    return guarded


class LoopbackBackend(ModelBackend):
    """Django's own, refusing whoever isn't at this machine."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> AbstractBaseUser | None:
        if request is None or not is_loopback(request):
            return None
        return super().authenticate(request, **credentials)
