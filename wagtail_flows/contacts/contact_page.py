"""The page of one contact, and what can be done there."""

from __future__ import annotations

from typing import Any

from django.forms import Form
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from wagtail.log_actions import registry as log_registry

from wagtail_flows.contacts.admin_forms import AskToSubscribeForm, LeaveForm, PropertyValueForm, SuppressForm
from wagtail_flows.contacts.contact_sections import consents_section, properties_section, subscriptions_section
from wagtail_flows.contacts.erasing import erase
from wagtail_flows.contacts.models import Contact, Property, Suppression
from wagtail_flows.contacts.property_values import set_property
from wagtail_flows.contacts.subscriptions import subscribe, unsubscribe
from wagtail_flows.contacts.suppressions import suppress
from wagtail_flows.contacts.transitions import Evidence
from wagtail_flows.lib.admin_actions import Action, ActionView
from wagtail_flows.lib.admin_deletion import ExplainedDeleteView
from wagtail_flows.lib.admin_inspect import Banner, FlowsInspectView
from wagtail_flows.lib.admin_sections import Section


ADMIN = "admin"


def evidence_by_hand(contact: Contact, wording: str) -> Evidence:
    """What is kept when somebody in the admin did it: no page was shown, and no visitor's address is known."""
    return Evidence(
        wording=wording,
        source=ADMIN,
        page_id=None,
        page_revision_id=None,
        page_url="",
        locale=contact.locale,
        ip_address=None,
    )


class ContactInspectView(FlowsInspectView):
    suppress_url_name = ""
    leave_url_name = ""
    ask_url_name = ""
    property_url_name = ""

    def get_banners(self) -> list[Banner]:
        rows = Suppression.objects.filter(key_hash=self.object.key_hash)
        return [Banner(self.describe(suppression), "critical") for suppression in rows]

    def describe(self, suppression: Suppression) -> str:
        told = _("Suppressed for %(scope)s since %(time)s: %(reason)s.") % {
            "scope": suppression.get_scope_display(),
            "time": self.in_words(suppression.created_at),
            "reason": suppression.get_reason_display(),
        }
        return f"{told} {suppression.note}".strip()

    def get_own_sections(self) -> list[Section]:
        makers = (subscriptions_section, consents_section, properties_section)
        return [section for maker in makers if (section := maker(self.object, self.request))]

    def get_actions(self) -> list[Action]:
        if not self.user_has_permission("change"):
            return []
        actions = (self.ask_action(), self.leave_action(), self.property_action(), self.suppress_action())
        return [action for action in actions if action]

    def url(self, name: str) -> str:
        return reverse(name, args=[self.object.pk])

    def ask_action(self) -> Action | None:
        form = AskToSubscribeForm(contact=self.object, prefix="ask")
        if not form.has_choices():
            return None
        explanation = _("Sends the list's confirmation e-mail. Nothing else is sent before it is confirmed.")
        return Action(_("Ask to subscribe"), self.url(self.ask_url_name), explanation, form)

    def leave_action(self) -> Action | None:
        form = LeaveForm(contact=self.object, prefix="leave")
        if not form.has_choices():
            return None
        return Action(pgettext("somebody else", "Unsubscribe"), self.url(self.leave_url_name), "", form)

    def property_action(self) -> Action | None:
        if not Property.objects.exists():
            return None
        form = PropertyValueForm(prefix="property")
        return Action(_("Set property"), self.url(self.property_url_name), "", form)

    def suppress_action(self) -> Action:
        explanation = _("The address isn't written to any more, whatever it subscribes to.")
        form = SuppressForm(prefix="suppress")
        return Action(_("Suppress"), self.url(self.suppress_url_name), explanation, form, True)


class ContactActionView(ActionView):
    model = Contact
    prefix = ""

    def get_form(self) -> Form:
        return self.form_class(self.request.POST, prefix=self.prefix)


class SuppressView(ContactActionView):
    form_class = SuppressForm
    prefix = "suppress"
    log_action = "wagtail_flows.suppress"

    def act(self, data: dict[str, Any]) -> str:
        suppress(self.object, data["scope"], Suppression.Reason.MANUAL, note=data["note"])
        return _("%(contact)s is suppressed.") % {"contact": self.object}


class AskToSubscribeView(ContactActionView):
    prefix = "ask"
    log_action = "wagtail_flows.ask_to_subscribe"

    def get_form(self) -> Form:
        return AskToSubscribeForm(self.request.POST, contact=self.object, prefix=self.prefix)

    def act(self, data: dict[str, Any]) -> str:
        wording = _("Asked in the admin by %(user)s.") % {"user": self.request.user}
        subscribe(
            self.object,
            data["mailing_list"],
            evidence=evidence_by_hand(self.object, wording),
            is_invited=True,
        )
        return _("The confirmation e-mail for “%(list)s” is on its way.") % {"list": data["mailing_list"]}


class SetPropertyView(ContactActionView):
    form_class = PropertyValueForm
    prefix = "property"
    log_action = "wagtail_flows.set_property"

    def get_log_data(self, data: dict[str, Any]) -> dict[str, Any]:
        return {"property": data["property"].name}  # not the value: the log outlives the contact

    def act(self, data: dict[str, Any]) -> str:
        set_property(self.object, data["property"], data["value"])
        return _("“%(property)s” is saved.") % {"property": data["property"]}


class LeaveView(ContactActionView):
    prefix = "leave"
    log_action = "wagtail_flows.unsubscribe"

    def get_form(self) -> Form:
        return LeaveForm(self.request.POST, contact=self.object, prefix=self.prefix)

    def act(self, data: dict[str, Any]) -> str:
        wording = _("Unsubscribed in the admin by %(user)s.") % {"user": self.request.user}
        unsubscribe(self.object, data["mailing_list"], evidence=evidence_by_hand(self.object, wording))
        return _("%(contact)s is unsubscribed from “%(list)s”.") % {
            "contact": self.object,
            "list": data["mailing_list"],
        }


class EraseView(ExplainedDeleteView):
    """Deleting a contact erases the person: only the hash of the address stays, so that nobody writes to it again."""

    def get_warning(self) -> str:
        count = self.object.consents.count()
        lost = ngettext(
            "With the contact goes what is known about them here, with %(count)s piece of evidence of consent.",
            "With the contact goes what is known about them here, with %(count)s pieces of evidence of consent.",
            count,
        ) % {"count": count}
        kept = _(
            "Orders stay as the shop told them, and so does an unreadable fingerprint of the address, so that it gets "
            "no commercial mail again by mistake."
        )
        return f"{lost} {kept}"

    def delete_action(self) -> None:
        log = log_registry.get_logs_for_instance(self.object)
        erase(self.object, super().delete_action)
        # What was done stays in the log of the site, to whom doesn't.
        log.update(label=_("erased contact"), data={})
