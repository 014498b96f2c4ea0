"""The form of a shop. Its secret can be written, replaced and taken away, never read."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from wagtail_flows.shop.adapters import registry
from wagtail_flows.shop.models import Shop


KEPT = _("A secret is stored. Leave this empty to keep it.")


class ShopForm(WagtailAdminModelForm):
    adapter = forms.ChoiceField(label=_("Kind"), choices=registry.choices)
    hmac_secret = forms.CharField(
        label=_("Webhook secret"),
        required=False,
        max_length=250,
        strip=True,
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"}),
        help_text=_("Only for webhooks made with a secret key. It is never shown again."),
    )
    forget_secret = forms.BooleanField(label=_("Forget the stored secret"), required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.stored_secret: str = self.instance.hmac_secret
        self.initial.pop("hmac_secret", None)
        if self.stored_secret:
            self.fields["hmac_secret"].help_text = KEPT

    def clean_hmac_secret(self) -> str:
        typed: str = self.cleaned_data["hmac_secret"]
        return typed or self.stored_secret

    def save(self, commit: bool = True) -> Shop:
        if self.cleaned_data.get("forget_secret") and self.cleaned_data["hmac_secret"] == self.stored_secret:
            self.instance.hmac_secret = ""
        shop: Shop = super().save(commit=commit)
        return shop
