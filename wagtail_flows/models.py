"""Every model of the app, found where Django looks for them.

Imports point downward only:

    models · tasks · urls · wagtail_hooks · checks · management · contrib
    editor | reports | simulate | api
    engine | shop | forms
    scenarios | messages
    segments
    contacts
    events
    lib · conf · exceptions
"""

from __future__ import annotations

from wagtail_flows.api.models import ApiKey
from wagtail_flows.contacts.models import (
    Consent,
    Contact,
    ContactProperty,
    MailingList,
    Property,
    Subscription,
    Suppression,
)
from wagtail_flows.engine.brakes.models import SendingHour
from wagtail_flows.engine.manual_models import ManualStart
from wagtail_flows.engine.models import (
    DateSweep,
    Enrollment,
    Heartbeat,
    PagePublication,
    RefusedEntry,
    SeenMember,
    SegmentSweep,
    SplitWinner,
    Visit,
)
from wagtail_flows.events.models import Event
from wagtail_flows.lib.models import PruningWalk, RateCount, SigningKey
from wagtail_flows.messages.models import (
    Delivery,
    Message,
    ProviderRate,
    SenderSettings,
    SendingDay,
    SendingLimits,
    SendingRates,
    TokenBucket,
    WebhookEndpoint,
)
from wagtail_flows.scenarios.models import Scenario, ScenarioVersion
from wagtail_flows.scenarios.publication_model import Publication
from wagtail_flows.segments.models import Segment, SegmentCount, SegmentMember
from wagtail_flows.shop.models import Customer, Fulfilment, FulfilmentLine, Order, OrderLine, ReceivedWebhook, Shop


__all__ = [
    "ApiKey",
    "Consent",
    "Contact",
    "ContactProperty",
    "Customer",
    "DateSweep",
    "Delivery",
    "Enrollment",
    "Event",
    "Fulfilment",
    "FulfilmentLine",
    "Heartbeat",
    "MailingList",
    "ManualStart",
    "Message",
    "Order",
    "OrderLine",
    "PagePublication",
    "Property",
    "ProviderRate",
    "PruningWalk",
    "Publication",
    "RateCount",
    "ReceivedWebhook",
    "RefusedEntry",
    "Scenario",
    "ScenarioVersion",
    "SeenMember",
    "Segment",
    "SegmentCount",
    "SegmentMember",
    "SegmentSweep",
    "SenderSettings",
    "SendingDay",
    "SendingHour",
    "SendingLimits",
    "SendingRates",
    "Shop",
    "SigningKey",
    "SplitWinner",
    "Subscription",
    "Suppression",
    "TokenBucket",
    "Visit",
    "WebhookEndpoint",
]
