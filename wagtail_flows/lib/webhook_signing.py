"""Signing what we send, as Standard Webhooks 1.0 says (https://www.standardwebhooks.com): HMAC-SHA256 over the id, the
moment and the body. Pure.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets

from collections.abc import Iterable


PREFIX = "whsec_"
SECRET_BYTES = 32  # the specification asks for 24 to 64


def new_secret() -> str:
    """A fresh secret, as receivers know it: `whsec_` and base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode("ascii")


def signed_headers(keys: Iterable[str], identifier: str, seconds: int, body: bytes) -> dict[str, str]:
    """The three headers. `seconds`: when it is sent, since 1970. With several secrets each signs: a receiver that knows
    one of them is content, so that secrets can be changed without a gap.
    """
    return {
        "webhook-id": identifier,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(signature(key, identifier, seconds, body) for key in keys),
    }


def signature(secret: str, identifier: str, seconds: int, body: bytes) -> str:
    """`v1,` and the signature in base64. Raises ValueError for what is no secret."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("This is no secret of a webhook.") from error
    signed = b".".join((identifier.encode("ascii"), str(seconds).encode("ascii"), body))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode("ascii")
