"""System checks of SMS."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004  (Django's own name)
from django.utils.module_loading import import_string

from wagtail_flows.conf import conf


CONSOLE = "wagtail_flows.messages.sms.console.ConsoleProvider"
MAILJET = "wagtail_flows.messages.sms.mailjet.MailjetProvider"


@register()
def sms_have_a_provider(**kwargs: Any) -> list[CheckMessage]:
    """E006: FLOWS_SMS_PROVIDER can't be used. W012: SMS have a sender, and go nowhere."""
    try:
        import_string(conf.SMS_PROVIDER)
    except (ImportError, AttributeError) as error:
        return [
            Error(
                f"FLOWS_SMS_PROVIDER can't be imported: {error}.",
                hint='Name a provider by its dotted path; Mailjet\'s needs `pip install "wagtail-flows[sms]"`.',
                id="wagtail_flows.E006",
            )
        ]
    if conf.SMS_PROVIDER == MAILJET and not (conf.MAILJET_SMS_TOKEN and conf.SMS_SENDER):
        return [
            Error(
                "Mailjet takes no SMS without FLOWS_MAILJET_SMS_TOKEN and FLOWS_SMS_SENDER.",
                hint="The token is made on Mailjet's SMS page; it isn't the key of their e-mail API.",
                id="wagtail_flows.E006",
            )
        ]
    if conf.SMS_SENDER and conf.SMS_PROVIDER == CONSOLE and not settings.DEBUG:
        return [
            Warning(
                "SMS are shown where the process runs, and sent to nobody.",
                hint="Let FLOWS_SMS_PROVIDER name a provider.",
                id="wagtail_flows.W012",
            )
        ]
    return []
