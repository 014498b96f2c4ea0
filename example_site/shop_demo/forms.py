from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from example_site.shop_demo.catalogue import PRODUCTS


class OrderForm(forms.Form):
    """What a customer types at the checkout."""

    product = forms.ChoiceField(
        label=_("Bread"), choices=lambda: [(one.slug, f"{one.name('en')}, {one.price} €") for one in PRODUCTS]
    )
    first_name = forms.CharField(label=_("First name"), max_length=60, initial="Alice")
    address = forms.EmailField(label=_("E-mail address"), initial="alice@example.org")
    language = forms.ChoiceField(label=_("Language"), choices=lambda: settings.LANGUAGES)
