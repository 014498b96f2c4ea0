"""Turn `DATABASE_URL` into Django's settings, alike for the example site and the tests."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit


# WAL lets readers go on while one writes; IMMEDIATE takes the write lock at BEGIN, so that two writers wait for
# each other (at most `timeout` seconds) instead of failing with "database is locked" in the middle.
SQLITE_OPTIONS: dict[str, Any] = {
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
}


def sqlite(path: Path | str) -> dict[str, Any]:
    """The settings of one SQLite file."""
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path), "OPTIONS": dict(SQLITE_OPTIONS)}


def from_url(url: str) -> dict[str, Any]:
    """Read `postgres://user:password@host:port/name` or `sqlite:////absolute/path`.

    Any other scheme raises ValueError: better than a site that quietly starts on the wrong database.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return sqlite(unquote(parts.path.removeprefix("/")))
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError(f"DATABASE_URL must start with postgres:// or sqlite:///, not {parts.scheme or url!r}.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        # What is asked for very often is planned once. Behind a pooler that doesn't bear it, leave this out.
        "OPTIONS": {"prepare_threshold": 5},
    }
