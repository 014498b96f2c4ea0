"""What the page of a contact shows about this room: subscriptions, evidence, properties."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from wagtail.admin.ui.tables import Column

from wagtail_flows.contacts.models import Consent, Contact, ContactProperty, Subscription
from wagtail_flows.lib.admin_columns import BUSY, GOOD, QUIET, LinkColumn, MomentColumn, StatusColumn, label_column
from wagtail_flows.lib.admin_sections import Section, table_section
from wagtail_flows.lib.languages import language_name


SUBSCRIPTION_TONES = {
    Subscription.Status.SUBSCRIBED: GOOD,
    Subscription.Status.PENDING: BUSY,
    Subscription.Status.UNSUBSCRIBED: QUIET,
    Subscription.Status.ADDED: QUIET,
}
CONSENT_TONES = {Consent.Action.ASKED: BUSY, Consent.Action.CONFIRMED: GOOD, Consent.Action.WITHDREW: QUIET}

SOURCES = {
    "form": gettext_lazy("form"),
    "link": gettext_lazy("link in an e-mail"),
    "one-click": gettext_lazy("unsubscribe button of the mail program"),
    "admin": gettext_lazy("admin"),
    "scenario": gettext_lazy("scenario"),
}


def subscriptions_section(contact: Contact, request: HttpRequest) -> Section:
    return table_section(
        "subscriptions",
        _("Subscriptions"),
        "list-ul",
        _("This contact never subscribed to a list."),
        columns=[
            LinkColumn("mailing_list", request.user, label=_("List")),
            StatusColumn("status", SUBSCRIPTION_TONES, label=_("Status")),
            MomentColumn("requested_at", label=_("Requested")),
            MomentColumn("confirmed_at", label=_("Confirmed")),
            MomentColumn("left_at", label=pgettext("list", "Left")),
        ],
        rows=contact.subscriptions.select_related("mailing_list").order_by("mailing_list__name"),
    )


def consents_section(contact: Contact, request: HttpRequest) -> Section:
    """The evidence, oldest first; the IP address only where the site keeps it."""
    rows = contact.consents.select_related("mailing_list").order_by("happened_at", "id")
    columns = [
        MomentColumn("happened_at", label=_("Time")),
        StatusColumn("action", CONSENT_TONES, label=_("What")),
        LinkColumn("mailing_list", request.user, label=_("List")),
        label_column("wording", _("Wording shown")),
        Column("where", label=_("Where"), accessor=where),
        label_column("locale", _("Language"), accessor=language_of),
    ]
    if rows.filter(ip_address__isnull=False).exists():
        columns.append(label_column("ip_address", _("IP address")))
    return table_section(
        "evidence",
        _("Evidence of consent"),
        "clipboard-list",
        _("There is no evidence, because nothing was ever asked for."),
        columns=columns,
        rows=rows,
    )


def language_of(consent: Consent) -> str:
    return language_name(consent.locale)


def where(consent: Consent) -> SafeString:
    """Source, page and version of the page; the links check permission themselves."""
    parts = [(SOURCES.get(consent.source, consent.source),)] if consent.source else []
    if consent.page_url:
        parts.append((format_html('<a href="{0}">{0}</a>', consent.page_url),))
    if consent.page_id and consent.page_revision_id:
        url = reverse("wagtailadmin_pages:revisions_view", args=[consent.page_id, consent.page_revision_id])
        parts.append((format_html('<a href="{}">{}</a>', url, _("the form as it was shown")),))
    return format_html_join(", ", "{}", parts)


def value_of(row: ContactProperty) -> str:
    """A value as people write it: no zeros at the end of a number, yes or no, the date of their language."""
    value = row.value
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Decimal):
        return number_format(value.normalize().to_integral() if value == int(value) else value.normalize())
    return date_format(value) if isinstance(value, date) else str(value or "")


def properties_section(contact: Contact, request: HttpRequest) -> Section | None:
    rows = contact.properties.select_related("property").order_by("property__label")
    section = table_section(
        "properties",
        _("Properties"),
        "flows-property",
        "",
        columns=[Column("property", label=_("Property")), label_column("value", _("Value"), accessor=value_of)],
        rows=rows,
    )
    return section if section.body else None
