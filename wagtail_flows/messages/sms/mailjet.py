"""Mailjet's SMS API, version 4 (https://dev.mailjet.com/sms/reference/send-message/).

    POST /v4/sms-send       {"From": …, "To": "+33…", "Text": …}, with the token as Bearer
    200                     {"MessageID": …, "Status": {"Code": 1–3 for under way, sent, delivered; more for a failure,
                            "Name": …, "Description": …}, …}
    otherwise               {"ErrorIdentifier": …, "ErrorCode": …, "StatusCode": …, "ErrorMessage": …}

The API knows no key by which it would drop what comes twice: no reply, or one that doesn't say whether the text was
taken (500, 502, 504), is a doubt.
"""

from __future__ import annotations

import json

from collections.abc import Mapping
from typing import Any

from wagtail_flows.conf import conf
from wagtail_flows.lib import clock
from wagtail_flows.lib.http import FetchError, NoReplyError, Reply
from wagtail_flows.lib.http_api import Api
from wagtail_flows.lib.retry_after import retry_after
from wagtail_flows.messages.replies import Answer, PermanentRefusal, Sent, TemporaryRefusal, Unavailable, Unknown
from wagtail_flows.messages.sms import reasons
from wagtail_flows.messages.sms.provider import ProviderUnusable, Sms


# The token isn't known, the wallet is empty, the account may not: nothing that an SMS could help.
OUR_FAULT = frozenset({401, 402, 403})
NOT_NOW = frozenset({408, 425, 429, 503})
# Status codes of the API for a text that is on its way.
TAKEN = frozenset({1, 2, 3})


class MailjetProvider:
    """Asks the API at FLOWS_MAILJET_SMS_URL with FLOWS_MAILJET_SMS_TOKEN."""

    def __init__(self) -> None:
        if not conf.MAILJET_SMS_TOKEN:
            raise ProviderUnusable("FLOWS_MAILJET_SMS_TOKEN isn't set.")
        if not conf.SMS_SENDER:
            raise ProviderUnusable("FLOWS_SMS_SENDER isn't set: Mailjet wants a sender.")
        self._url = conf.MAILJET_SMS_URL.rstrip("/") + "/v4/sms-send"
        self._api = Api(conf.MAILJET_SMS_TOKEN, timeout=conf.CALL_TIMEOUT)

    def send(self, sms: Sms, /) -> Answer:
        """Hand one over, once."""
        try:
            reply = self._api.post(self._url, {"From": sms.sender, "To": sms.to, "Text": sms.text})
        except FetchError as error:
            return Unavailable(str(error))
        except NoReplyError as error:
            return Unknown(reasons.SILENT, str(error))
        return answer_of(reply)

    def close(self) -> None:
        self._api.close()


def answer_of(reply: Reply) -> Answer:
    """What the API said, in our words."""
    if reply.status == 200:
        return _answer_of_status(_fields(reply.text))
    error = f"{reply.status} {_fields(reply.text).get('ErrorMessage') or reply.text}"[:2000]
    if reply.status in OUR_FAULT:
        return Unavailable(error)
    if reply.status in NOT_NOW:
        wait = retry_after(reply.headers.get("retry-after"), clock.real_now())
        return TemporaryRefusal(reasons.BUSY, error, wait)
    if 400 <= reply.status < 500:
        return PermanentRefusal(reasons.REFUSED, error)
    if reply.status < 400:
        # Nothing but 200 takes an SMS; a redirect leads away from the API.
        return Unavailable(error)
    return Unknown(reasons.SILENT, error)


def _answer_of_status(fields: Mapping[str, Any]) -> Answer:
    status = fields.get("Status")
    if isinstance(status, dict) and status.get("Code") not in TAKEN:
        return PermanentRefusal(reasons.REFUSED, f"{status.get('Name')}: {status.get('Description')}")
    return Sent(str(fields.get("MessageID") or "")[:250])


def _fields(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
