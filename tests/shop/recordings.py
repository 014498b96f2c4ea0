"""The requests that a real Saleor 3.23 sent, as files under tests/data/saleor."""

import base64
import json

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


DATA = Path(__file__).parent.parent / "data" / "saleor"
HMAC_SECRET = "lab-webhook-secret"
JWKS = json.loads((DATA / "jwks.json").read_text())
# The hooks that told the whole life of order 21, each in its own shape and with its own kind of signature.
HOOKS = ("sub-jws", "sub-hmac", "legacy-jws", "legacy-hmac")


@dataclass(frozen=True)
class Recording:
    """One request."""

    name: str
    hook: str
    event: str
    signature_kind: str | None
    order_number: str | None
    body: bytes
    headers: dict[str, str]

    @property
    def content(self) -> Any:
        return json.loads(self.body)

    @property
    def signature(self) -> str:
        return self.headers["Saleor-Signature"]


@cache
def all_recordings() -> tuple[Recording, ...]:
    """Every recorded webhook, in the order in which they came."""
    rows = json.loads((DATA / "index.json").read_text())
    found = [_load(row) for row in rows if row["path"].startswith("/hook/")]
    return tuple(sorted(found, key=lambda one: one.name))


def recordings(hook: str) -> list[Recording]:
    return [one for one in all_recordings() if one.hook == hook]


def life_of_order_21(hook: str) -> list[Recording]:
    """Everything one hook told about order 21 and its customer, checkouts included."""
    return [one for one in recordings(hook) if b"abandoner" not in one.body]


def recording(start: str) -> Recording:
    """The one whose file name starts so."""
    return next(one for one in all_recordings() if one.name.startswith(start))


def _load(row: dict[str, Any]) -> Recording:
    told = json.loads((DATA / "recordings" / row["file"]).read_text())
    return Recording(
        name=row["file"],
        hook=row["path"].removeprefix("/hook/"),
        event=row["event"],
        signature_kind=row["signature"],
        order_number=None if row["order_number"] is None else str(row["order_number"]),
        body=base64.b64decode(told["body_base64"]),
        headers=dict(told["headers"]),
    )
