"""Forms of the admin about contacts, lists and suppressions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from wagtail_flows.contacts.address import InvalidAddress, key_hash, normalise
from wagtail_flows.contacts.models import Contact, MailingList, Property, Subscription, Suppression
from wagtail_flows.contacts.property_values import Value
from wagtail_flows.contacts.suppressions import suppress
from wagtail_flows.lib import clock


def key_of(address: str) -> str:
    """The key of an address typed into a form. Raises ValidationError with a sentence for who typed it."""
    try:
        return normalise(address)
    except InvalidAddress as invalid:
        raise ValidationError(gettext("Enter a valid e-mail address.")) from invalid


class ContactForm(WagtailAdminModelForm):
    """A contact by hand. The address is unique by its key, and stays what it was once somebody subscribed with it."""

    def clean_address(self) -> str:
        address: str = self.cleaned_data["address"].strip()
        key = key_of(address)
        if Contact.objects.filter(key=key).exclude(pk=self.instance.pk).exists():
            raise ValidationError(gettext("A contact with this address exists already."))
        if self.instance.pk and key != self.instance.key and self.has_subscriptions():
            raise ValidationError(
                gettext(
                    "This contact subscribed with %(address)s, and the consent holds for that address only. "
                    "Add the new address as another contact and let it subscribe."
                )
                % {"address": Contact.objects.get(pk=self.instance.pk).address}
            )
        self.instance.key, self.instance.key_hash = key, key_hash(key)
        return address

    def has_subscriptions(self) -> bool:
        current = (Subscription.Status.PENDING, Subscription.Status.SUBSCRIBED)
        return self.instance.subscriptions.filter(status__in=current).exists()

    def save(self, commit: bool = True) -> Contact:
        if self.instance._state.adding:
            self.instance.created_at = clock.now()
        with transaction.atomic():
            before = Contact.objects.filter(pk=self.instance.pk).values_list("key_hash", flat=True).first()
            contact: Contact = super().save(commit=commit)
            if commit and before not in (None, contact.key_hash):
                _take_along(before, contact)
        return contact


def _take_along(before: str | None, contact: Contact) -> None:
    """Who wanted no more mail at the address before wants none at the corrected one; a bounce was the old one's own."""
    for one in Suppression.objects.filter(key_hash=before).exclude(reason=Suppression.Reason.BOUNCED):
        suppress(contact, one.scope, one.reason, one.note)


class SuppressForm(forms.Form):
    """Why somebody isn't to be written to any more."""

    scope = forms.ChoiceField(label=_("Scope"), choices=Suppression.Scope.choices)
    note = forms.CharField(label=_("Note"), max_length=250, required=False)


class SuppressionForm(WagtailAdminModelForm):
    """A suppression by hand, for an address that need not be a contact."""

    address = forms.CharField(label=_("E-mail address"), max_length=254)

    def clean_address(self) -> str:
        address: str = self.cleaned_data["address"].strip()
        self.instance.key_hash = key_hash(key_of(address))
        return address

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        known = {"key_hash": self.instance.key_hash, "scope": cleaned.get("scope")}
        if cleaned.get("address") and Suppression.objects.filter(**known).exists():
            self.add_error("address", gettext("This address is suppressed already."))
        return cleaned


class PropertyForm(WagtailAdminModelForm):
    """A property. Its type is fixed as soon as somebody has a value, because values are stored by type."""

    def clean_type(self) -> str:
        kind: str = self.cleaned_data["type"]
        before = Property.objects.filter(pk=self.instance.pk).values_list("type", flat=True).first()
        if before and before != kind and self.instance.values.exists():
            raise ValidationError(gettext("The type can't change any more: contacts have values of it."))
        return kind


class ListForm(forms.Form):
    """One list, out of those that make sense."""

    mailing_list = forms.ModelChoiceField(label=_("List"), queryset=MailingList.objects.none(), empty_label=None)

    def offer(self, lists: QuerySet[MailingList]) -> None:
        field = self.fields["mailing_list"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = lists
        self.lists = lists

    def has_choices(self) -> bool:
        return self.lists.exists()


class AskToSubscribeForm(ListForm):
    """A list whose confirmation e-mail may be sent: one that the contact isn't subscribed to yet. Lists without double
    opt-in can't be subscribed to by hand.
    """

    def __init__(self, *args: Any, contact: Contact, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        subscribed = contact.subscriptions.filter(status=Subscription.Status.SUBSCRIBED)
        on = subscribed.values("mailing_list")
        self.offer(MailingList.objects.filter(is_double_opt_in=True).exclude(pk__in=on))


class LeaveForm(ListForm):
    """One of the lists that a contact is on."""

    def __init__(self, *args: Any, contact: Contact, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        current = (Subscription.Status.PENDING, Subscription.Status.SUBSCRIBED, Subscription.Status.ADDED)
        on = MailingList.objects.filter(subscriptions__contact=contact, subscriptions__status__in=current)
        self.offer(on)


class PropertyValueForm(forms.Form):
    """One property and its value, typed as text; what it may be follows from the property's type."""

    property = forms.ModelChoiceField(label=_("Property"), queryset=Property.objects.all(), empty_label=None)
    value = forms.CharField(
        label=_("Value"), max_length=500, required=False, help_text=_("Leave it empty to take the value away.")
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "property" in cleaned and "value" in cleaned:
            try:
                cleaned["value"] = parsed(cleaned["property"].type, cleaned["value"])
            except ValidationError as problem:
                self.add_error("value", problem)
        return cleaned


def parsed(kind: str, text: str) -> Value:
    """Text as a value of this type of property; None for no text. Raises ValidationError."""
    if not text.strip():
        return None
    if kind == Property.Type.BOOLEAN:
        return parsed_boolean(text)
    fields: dict[str, forms.Field] = {
        Property.Type.NUMBER: forms.DecimalField(max_digits=20, decimal_places=6, localize=True),
        Property.Type.DATE: forms.DateField(localize=True),
    }
    value: Value = fields[kind].clean(text) if kind in fields else text
    return value


def parsed_boolean(text: str) -> bool:
    word = text.strip().casefold()
    if word in {"yes", "true", "1", gettext("yes")}:
        return True
    if word in {"no", "false", "0", gettext("no")}:
        return False
    raise ValidationError(gettext("Enter yes or no."))
