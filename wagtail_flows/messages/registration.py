"""What this room connects when Django starts; called by the app's configuration. Calling it again changes nothing."""

from __future__ import annotations

from typing import Any

from django.db.models import Min, QuerySet

from wagtail_flows.contacts.signals import already_subscribed, confirmation_wanted, invitations_wanted
from wagtail_flows.messages import attention, gates, own_gates, pruning
from wagtail_flows.messages.channels import email, port, sms, staff, webhook
from wagtail_flows.messages.models import Message
from wagtail_flows.messages.subscription_mail import queue_already_subscribed, queue_confirmation, queue_invitations
from wagtail_flows.segments import references


def register() -> None:
    """Connect the receivers, the gates and the channels of this room; its own gates come first."""
    confirmation_wanted.connect(queue_confirmation, dispatch_uid="wagtail_flows.messages")
    invitations_wanted.connect(queue_invitations, dispatch_uid="wagtail_flows.messages")
    already_subscribed.connect(queue_already_subscribed, dispatch_uid="wagtail_flows.messages")
    gates.register(own_gates.suppression_gate, own_gates.may_be_suppressed)
    gates.register(own_gates.basis_gate, own_gates.may_lack_its_basis)
    gates.register(own_gates.confirmation_gate, own_gates.is_a_confirmation)
    gates.register(own_gates.review_gate, own_gates.may_never_be_asked)
    for channel in (email.CHANNEL, staff.CHANNEL, webhook.CHANNEL, sms.CHANNEL):
        port.register(channel)
    attention.register()
    pruning.register()
    referred = references.Referred("message", Message, _messages, key="translation_key", label="shown")
    references.register(referred)


def _messages() -> QuerySet[Any, Any]:
    """Each e-mail once, whatever its translations."""
    return Message.objects.values("translation_key").annotate(shown=Min("name"))
