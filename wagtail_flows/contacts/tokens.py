"""Signed tokens for links. Each names the one purpose it is good for; only who reads it may say how old it may be."""

from __future__ import annotations

import json

from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.signing import BadSignature, Signer, b64_decode, b64_encode

from wagtail_flows.exceptions import FlowsError
from wagtail_flows.lib import clock
from wagtail_flows.lib.signing_keys import signing_key, verification_keys


CONFIRM = "confirm"
UNSUBSCRIBE = "unsubscribe"
_SALT = "wagtail_flows.links"
# Far above what we ever sign; nothing longer is worth computing a signature for.
LONGEST_TOKEN = 1000


class ForgedToken(FlowsError):
    """The link is damaged, or wasn't made by this site: open the link in the e-mail again, or copy the whole of it."""


class _GenuineToken(FlowsError):
    """A token that we signed and yet don't accept; `payload` is what it says."""

    def __init__(self, payload: dict[str, Any]) -> None:
        self.payload = payload
        super().__init__(self.__doc__)


class ExpiredToken(_GenuineToken):
    """The link is too old; ask for a new one."""


class ForeignToken(_GenuineToken):
    """The link was made for another purpose; open it as it stands in the e-mail."""


def make(purpose: str, payload: dict[str, Any]) -> str:
    """Sign a payload (JSON) for one purpose. The token is fit for a URL's path."""
    content = {"p": purpose, "t": int(clock.now().timestamp()), "d": payload}
    encoded = b64_encode(json.dumps(content, separators=(",", ":")).encode()).decode()
    return _signer(signing_key()).sign(encoded)


def read(purpose: str, token: str, max_age: timedelta | None = None) -> dict[str, Any]:
    """The payload of a token made for this purpose.

    Raises ForgedToken, ForeignToken and, with a `max_age`, ExpiredToken. Signatures are compared in constant time.
    """
    content = _content(token)
    payload: dict[str, Any] = content["d"]
    if content["p"] != purpose:
        raise ForeignToken(payload)
    made_at = datetime.fromtimestamp(content["t"], tz=UTC)
    if max_age is not None and clock.now() - made_at > max_age:
        raise ExpiredToken(payload)
    return payload


def _content(token: str) -> dict[str, Any]:
    keys = verification_keys()
    if not keys or len(token) > LONGEST_TOKEN:
        raise ForgedToken(ForgedToken.__doc__)
    try:
        encoded = _signer(*keys).unsign(token)
    except BadSignature as error:
        raise ForgedToken(ForgedToken.__doc__) from error
    content: dict[str, Any] = json.loads(b64_decode(encoded.encode()))
    return content


def _signer(key: str, *older: str) -> Signer:
    return Signer(key=key, fallback_keys=list(older), sep=".", salt=_SALT)
