"""SMS, by the provider that FLOWS_SMS_PROVIDER names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from wagtail_flows.conf import conf
from wagtail_flows.lib.phone import e164
from wagtail_flows.messages.channels.port import Channel, Ready, Spoiled
from wagtail_flows.messages.channels.wording import made, payload_of
from wagtail_flows.messages.delivery_models import Delivery, Stream
from wagtail_flows.messages.gates import Skip
from wagtail_flows.messages.loading import Batch
from wagtail_flows.messages.personalize import personalize
from wagtail_flows.messages.replies import Answer, PermanentRefusal, Unavailable, Unknown, described
from wagtail_flows.messages.sms import reasons
from wagtail_flows.messages.sms.provider import Sms, SmsProvider


SMS = "sms"


class SmsLine:
    """The provider of one run, made when the first SMS is due."""

    def __init__(self, stream: str) -> None:
        self._provider: SmsProvider | None = None

    @property
    def is_fresh(self) -> bool:
        return self._provider is not None

    def ready(self) -> Unavailable | None:
        if self._provider is None:
            try:
                self._provider = import_string(conf.SMS_PROVIDER)()
            except Exception as error:  # noqa: BLE001 - whatever is set up badly keeps all SMS waiting, and may lose none
                return Unavailable(described(error))
        return None

    def hand_over(self, copy: Sms, /) -> Answer:
        """Hand one over. What a provider raises, against its promise, is a doubt."""
        if self._provider is None:
            return Unavailable("The line isn't open.")
        try:
            return self._provider.send(copy)
        except Exception as error:  # noqa: BLE001 - the text may have left, so it must not be tried again
            return Unknown(reasons.SILENT, described(error))

    def close(self) -> None:
        if self._provider is not None:
            self._provider.close()
        self._provider = None


def ready_texts(deliveries: Sequence[Delivery]) -> list[Ready | Spoiled]:
    """The SMS of each; who has no number that can be dialled from anywhere is skipped."""
    return made(deliveries, _ready, unusable=reasons.TEXT_UNUSABLE)


def _ready(delivery: Delivery, batch: Batch, known: Mapping[str, Any]) -> Ready | Spoiled:
    payload = payload_of(delivery)
    phone = str(payload.get("phone") or "")
    number = e164(phone)
    if number is None:
        return Spoiled(delivery, Skip(reasons.NUMBER_INVALID if phone.strip() else reasons.NO_NUMBER))
    text = personalize(str(payload.get("text") or ""), known).strip()
    if not text:
        return Spoiled(delivery, PermanentRefusal(reasons.TEXT_UNUSABLE, ""))
    sender = str(payload.get("sender") or conf.SMS_SENDER or "")
    return Ready(delivery, Sms(number, text, sender, str(delivery.public_id)))


def _provider(_stream: str) -> str:
    return SMS


CHANNEL = Channel(
    SMS, _("SMS"), ready_texts, SmsLine, streams=(Stream.TRANSACTIONAL, Stream.COMMERCIAL), transport=_provider
)
