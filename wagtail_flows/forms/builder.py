"""The opt-in box as a form field, and any form builder made able to build it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms import BoundField
from wagtail.contrib.forms.forms import FormBuilder

from wagtail_flows.lib.form_choices import OPT_IN


class NeverTicked(BoundField):
    """A box that starts empty, whatever initial value the form was given: a consent is an act (GDPR, recital 32)."""

    @property
    def initial(self) -> bool:
        return False


class OptInField(forms.BooleanField):
    """A box to tick for one list."""

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> BoundField:
        return NeverTicked(form, self, field_name)


class OptInFormBuilderMixin:
    """Builds the fields of type "Opt-in to a list"."""

    def create_flows_opt_in_field(self, field: Any, options: dict[str, Any]) -> forms.Field:
        """The box of one row. The row's `required`, ticked by default in Wagtail, doesn't count: see
        `flows_is_required`.
        """
        asked = {**options, "initial": False, "required": bool(field.flows_is_required)}
        return OptInField(**asked)


def with_opt_in(builder: type[FormBuilder]) -> type[FormBuilder]:
    """The same builder, able to build opt-in fields too."""
    if hasattr(builder, f"create_{OPT_IN}_field"):
        return builder
    return type(f"OptIn{builder.__name__}", (OptInFormBuilderMixin, builder), {})
