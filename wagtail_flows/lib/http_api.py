"""Asking an API that the site's own settings name, with `requests`: its address is the owner's, so proxies of the
environment are used and nothing is forbidden. Imported only where such an API is used.
"""

from __future__ import annotations

import ssl

from collections.abc import Iterator, Mapping
from typing import Any

import requests

from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from wagtail_flows.lib.http import MAX_REPLY, FetchError, NoReplyError, Reply


# What tells that the request never left: no connection came about, or a certificate wasn't believed.
CERTAIN = (ConnectTimeoutError, NewConnectionError, ssl.SSLCertVerificationError)


class Api:
    """One conversation with an API that speaks JSON. Not for two threads."""

    def __init__(self, token: str, *, timeout: float) -> None:
        self._timeout = timeout
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {token}"

    def post(self, url: str, data: Mapping[str, Any]) -> Reply:
        """POST `data` as JSON; whatever is answered is a Reply, redirects included.

        Raises FetchError where nothing left us, NoReplyError where it can't be known.
        """
        try:
            response = self._session.post(url, json=data, timeout=self._timeout, allow_redirects=False)
        except requests.RequestException as error:
            # What is wrong with the address itself is a ValueError, too, and found before anything is connected.
            is_certain = isinstance(error, ValueError) or any(isinstance(one, CERTAIN) for one in _chain(error))
            raise (FetchError if is_certain else NoReplyError)(f"{type(error).__name__}: {error}") from error
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Reply(response.status_code, headers, response.text[:MAX_REPLY])

    def close(self) -> None:
        """Let go of the connections; closing twice is fine."""
        self._session.close()


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
