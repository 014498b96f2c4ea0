"""E-mails to contacts, by whatever mail system the site has."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from wagtail_flows.messages.channels.port import Channel
from wagtail_flows.messages.delivery_models import EMAIL, Stream
from wagtail_flows.messages.preparing import ready_mails
from wagtail_flows.messages.transport import Line, mailer


CHANNEL = Channel(
    EMAIL, _("e-mail"), ready_mails, Line, streams=(Stream.TRANSACTIONAL, Stream.COMMERCIAL), transport=mailer
)
