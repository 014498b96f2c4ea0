"""Choices of form fields. A site's own migrations name these functions: they stay where they are, under these names."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail.contrib.forms.models import FORM_FIELD_CHOICES


Choices = list[tuple[str, str | Promise]]

OPT_IN = "flows_opt_in"
EMAIL = "email"
FIRST_NAME = "first_name"
LAST_NAME = "last_name"


def field_type_choices() -> Choices:
    """Wagtail's types of form fields, and ours."""
    return [*FORM_FIELD_CHOICES, (OPT_IN, _("Opt-in to a list"))]


def maps_to_choices() -> Choices:
    """What a form field can tell about the contact who opts in."""
    return [(EMAIL, _("E-mail address")), (FIRST_NAME, _("First name")), (LAST_NAME, _("Last name"))]
