"""What this machine offers to the tests: a PostgreSQL server, a Redis server, a Chromium.

`python -m tests` and the fixtures ask here, so that both mean the same.
"""

import os
import shutil

import psycopg
import redis


REDIS = "redis://127.0.0.1:6379/9"
POSTGRES = "postgres://postgres@127.0.0.1:5432/"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str | None:
    """The path of the Chromium to drive: `$CHROMIUM`, or the first that is installed."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


def postgres() -> str | None:
    """The URL of a PostgreSQL database to make the test database beside: `$DATABASE_URL`, or this machine's."""
    named = os.environ.get("DATABASE_URL", "")
    if named.startswith("postgres"):
        return named
    try:
        psycopg.connect(POSTGRES + "postgres", connect_timeout=3).close()
    except psycopg.OperationalError:
        return None
    # A name of its own for each run, so that two runs on one machine don't meet.
    return f"{POSTGRES}wagtail_flows_{os.getpid()}"


def redis_server() -> str | None:
    """The URL of a Redis database that may be emptied: `$REDIS_URL`, or the tenth of this machine's."""
    url = os.environ.get("REDIS_URL") or REDIS
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=3) as connection:
            connection.ping()
    except redis.RedisError:
        return None
    return url
