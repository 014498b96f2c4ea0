"""Suppressing an address that need not be a contact."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.views.generic import CreateView
from wagtail.log_actions import log

from wagtail_flows.contacts.models import Suppression
from wagtail_flows.contacts.suppressions import suppress


class AddSuppressionView(CreateView):
    page_title = _("Suppress an address")
    add_item_label = _("Suppress an address")

    def get_success_buttons(self) -> list[Any]:
        return []  # it can't be edited

    def save_instance(self) -> Suppression:
        """By the same verb as everywhere else, so that a list left or a hand-over waiting hears of it alike."""
        values = self.form.cleaned_data
        suppress(values["address"], values["scope"], Suppression.Reason.MANUAL, note=values["note"])
        made = Suppression.objects.get(key_hash=self.form.instance.key_hash, scope=values["scope"])
        log(made, "wagtail.create", user=self.request.user)
        return made
