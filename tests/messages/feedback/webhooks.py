"""What providers post to anymail's addresses, as they document it."""

import base64
import json

from datetime import datetime, timedelta

from django.test import Client

from tests.messages.deliveries import NOW
from wagtail_flows.messages.models import Delivery


AN_HOUR = timedelta(hours=1)
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
SECRET = "Basic " + base64.b64encode(b"provider:secret").decode()


def posted(provider: str, body: object, *, authorization: str = SECRET) -> int:
    """Post to the provider's tracking address; the status of the answer."""
    content = body if isinstance(body, str) else json.dumps(body)
    client = Client(raise_request_exception=False)
    answer = client.post(
        f"/anymail/{provider}/tracking/",
        content,
        content_type="application/json",
        headers={"authorization": authorization},
    )
    return answer.status_code


def mailjet(event: str, delivery: Delivery, *, at: datetime = NOW + AN_HOUR, **values: object) -> dict:
    """One event of Mailjet's event API (https://dev.mailjet.com/email/guides/webhooks/)."""
    told = {
        "event": event,
        "time": int(at.timestamp()),
        "MessageID": 4711,
        "email": delivery.address,
        "Payload": json.dumps({"flows_delivery": str(delivery.public_id)}),
        **values,
    }
    return {name: value for name, value in told.items() if value is not None}


def reported(event: str, delivery: Delivery, **values: object) -> None:
    """Mailjet reports one event, and is answered that all is well."""
    assert posted("mailjet", [mailjet(event, delivery, **values)]) == 200


BOUNCED = {
    "hard_bounce": True,
    "error_related_to": "recipient",
    "error": "user unknown",
    "smtp_reply": "550 no such user",
}
