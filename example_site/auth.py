"""The demo's login is known to everybody, so it works on the machine itself only."""

import ipaddress

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest


def is_loopback(request: HttpRequest) -> bool:
    """Does the request come from this very machine, with nothing in between?"""
    if "HTTP_X_FORWARDED_FOR" in request.META or "HTTP_FORWARDED" in request.META:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


class LoopbackBackend(ModelBackend):
    """Django's own, refusing whoever isn't at this machine."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> AbstractBaseUser | None:
        if request is None or not is_loopback(request):
            return None
        return super().authenticate(request, **credentials)
