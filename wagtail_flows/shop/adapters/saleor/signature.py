"""Saleor's signatures over the raw body: a detached JWS (RFC 7515, RFC 7797 `b64: false`) with RS256, or a hex
HMAC-SHA256.

Pure: what is judged comes in, a judgement goes out. Saleor signs its own access tokens with the same key, so nothing
but a detached, unencoded RS256 signature is accepted.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re

from typing import Any

import jwt

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from django.utils.translation import gettext_noop
from jwt.utils import base64url_encode

from wagtail_flows.shop.adapters.registry import Judgement, Verdict


JWS, HMAC = "jws", "hmac"
LONGEST_SIGNATURE = 4096
SMALLEST_KEY = 2048
_JWS = re.compile(r"([A-Za-z0-9_-]+)\.\.([A-Za-z0-9_-]+)")


def judge(body: bytes, signature: str | None, *, jwks: Any, secret: str) -> Judgement:
    """Told apart by the dots: a JWS has them, a hex HMAC hasn't."""
    if not signature:
        return Judgement(Verdict.BAD, "", gettext_noop("The request carries no signature."))
    if len(signature) > LONGEST_SIGNATURE:
        return Judgement(Verdict.BAD, "", gettext_noop("The signature is too long."))
    if "." in signature:
        return _judge_jws(body, signature, jwks)
    return _judge_hmac(body, signature, secret)


def usable_keys(jwks: Any) -> list[str]:
    """The `kid` of each RSA key of at least 2048 bits in a JWKS document."""
    return [str(kid) for kid, _key in _keys(jwks)]


def _judge_hmac(body: bytes, signature: str, secret: str) -> Judgement:
    if not secret:
        return Judgement(
            Verdict.BAD, HMAC, gettext_noop("The request is signed with a secret, but the shop has none here.")
        )
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    # As bytes: compare_digest refuses text that isn't ASCII with an exception.
    if hmac.compare_digest(expected.encode(), signature.encode("utf-8", "surrogateescape")):
        return Judgement(Verdict.GOOD, HMAC)
    return Judgement(Verdict.BAD, HMAC, gettext_noop("The signature doesn't fit the body and the secret."))


def _judge_jws(body: bytes, signature: str, jwks: Any) -> Judgement:
    header = _header(signature)
    if header is None:
        return Judgement(Verdict.BAD, JWS, gettext_noop("The signature isn't a detached RS256 one."))
    named = [key for kid, key in _keys(jwks) if kid == header["kid"]]
    if not named:
        return Judgement(
            Verdict.NEEDS_NEWER_KEYS, JWS, gettext_noop("The signature names a key that the shop doesn't publish.")
        )
    if any(_fits(body, signature, key) for key in named):
        return Judgement(Verdict.GOOD, JWS)
    # A key named by its own thumbprint (RFC 7638) can't have been replaced under the same name, so this is final. Older
    # Saleors call every key "1": there the key may be another by now.
    is_final = any(header["kid"] == thumbprint(key) for key in named)
    verdict = Verdict.BAD if is_final else Verdict.NEEDS_NEWER_KEYS
    return Judgement(verdict, JWS, gettext_noop("The signature doesn't fit the body and the shop's key."))


def thumbprint(key: RSAPublicKey) -> str:
    """RFC 7638: the SHA-256 over the required members, in their order, without white space."""
    numbers = key.public_numbers()
    members = {"e": _uint(numbers.e), "kty": "RSA", "n": _uint(numbers.n)}
    canonical = json.dumps(members, separators=(",", ":"), sort_keys=True)
    return base64url_encode(hashlib.sha256(canonical.encode()).digest()).decode()


def _uint(number: int) -> str:
    return base64url_encode(number.to_bytes((number.bit_length() + 7) // 8, "big")).decode()


def _header(signature: str) -> dict[str, Any] | None:
    """The protected header, if it is exactly of the kind that Saleor sends."""
    parts = _JWS.fullmatch(signature)
    if parts is None:
        return None
    try:
        header = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    is_ours = (
        isinstance(header, dict)
        and header.get("alg") == "RS256"
        and header.get("b64") is False
        and header.get("crit") == ["b64"]
        and isinstance(header.get("kid"), str)
    )
    return header if is_ours else None


def _keys(jwks: Any) -> list[tuple[str, RSAPublicKey]]:
    """Name and key of each usable one; what is odd in the document is left out."""
    listed = jwks.get("keys") if isinstance(jwks, dict) else None
    found = []
    for one in listed if isinstance(listed, list) else ():
        key = _key(one)
        if key is not None and key.key_size >= SMALLEST_KEY:
            found.append((one.get("kid", ""), key))
    return found


def _key(one: Any) -> RSAPublicKey | None:
    if not isinstance(one, dict) or one.get("kty") != "RSA" or one.get("use", "sig") != "sig" or "d" in one:
        return None
    try:
        key = jwt.PyJWK.from_dict(one, algorithm="RS256").key
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return None
    return key if isinstance(key, RSAPublicKey) else None


def _fits(body: bytes, signature: str, key: RSAPublicKey) -> bool:
    try:
        jwt.api_jws.decode_complete(signature, key, algorithms=["RS256"], detached_payload=body)
    except jwt.PyJWTError:
        return False
    return True
