"""Why an SMS stands where it stands."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from wagtail_flows.messages.reasons import register


NO_NUMBER = "sms_no_number"
NUMBER_INVALID = "sms_number_invalid"
TEXT_UNUSABLE = "sms_text_unusable"
REFUSED = "sms_refused"
BUSY = "sms_busy"
SILENT = "sms_silent"

register(NO_NUMBER, _("No telephone number is known."))
register(NUMBER_INVALID, _("The telephone number isn't written with its country code, such as +33612345678."))
register(TEXT_UNUSABLE, _("The text of the SMS couldn't be filled in."))
register(REFUSED, _("The SMS provider refused."))
register(BUSY, _("The SMS provider said “not now”; it will be tried again."))
register(SILENT, _("The SMS provider never said whether it took the SMS."))
