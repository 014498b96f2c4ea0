"""The demo shop's key, and signatures as Saleor makes them: a detached JWS (RS256, `b64: false`) over the raw body."""

import json

from functools import cache
from typing import Any

import jwt

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from django.conf import settings


KEY_NAME = "atelier-luczak"


@cache
def key() -> RSAPrivateKey:
    """This machine's own, made when it is first needed."""
    path = settings.DATA_DIR / "shop_key.pem"
    if not path.exists():
        made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        path.write_bytes(
            made.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        path.chmod(0o600)
    loaded = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(loaded, RSAPrivateKey):
        raise TypeError(f"{path} holds no RSA key: delete it, and a new one is made.")
    return loaded


def jwks() -> dict[str, Any]:
    """The public half, as a shop publishes it."""
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key().public_key()))
    return {"keys": [{**public, "kid": KEY_NAME, "use": "sig", "alg": "RS256"}]}


def sign(body: bytes) -> str:
    return jwt.api_jws.encode(
        body,
        key(),
        algorithm="RS256",
        headers={"kid": KEY_NAME, "b64": False, "crit": ["b64"]},
        is_payload_detached=True,
    )
