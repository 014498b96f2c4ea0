"""The admin's form for a form page, with what its opt-ins need checked before it is published."""

from __future__ import annotations

from types import new_class
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.contrib.forms.forms import WagtailAdminFormPageForm

from wagtail_flows.forms.opting_in import field_telling, is_opt_in
from wagtail_flows.lib.form_choices import EMAIL


class OptInChecksMixin:
    """Refuses to publish an opt-in without a list, and opt-ins without a field that tells the address."""

    is_deferred_validation: bool
    formsets: dict[str, forms.BaseModelFormSet]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()  # type: ignore[misc]
        # A draft may be unfinished; publishing it comes here again.
        if not self.is_deferred_validation:
            for formset in self.formsets.values():
                if hasattr(formset.model, "flows_list"):
                    self._check_opt_ins(formset)
        return cleaned

    def _check_opt_ins(self, formset: forms.BaseModelFormSet) -> None:
        kept = [form for form in formset.forms if form.is_valid() and not form.cleaned_data.get("DELETE")]
        opt_ins = [form for form in kept if is_opt_in(form.instance)]
        for form in opt_ins:
            if not form.instance.flows_list_id:
                form.add_error("flows_list", _("Choose the list that this opt-in is for."))
        if opt_ins and field_telling(EMAIL, [form.instance for form in kept]) is None:
            opt_ins[0].add_error(
                "field_type",
                _("An opt-in needs an e-mail field in the same form: add one, or say which field tells the address."),
            )


def with_opt_in_checks(form_class: type[WagtailAdminFormPageForm]) -> type[WagtailAdminFormPageForm]:
    """The same admin form, with the checks of opt-ins."""
    if issubclass(form_class, OptInChecksMixin):
        return form_class
    return new_class(f"OptIn{form_class.__name__}", (OptInChecksMixin, form_class))
