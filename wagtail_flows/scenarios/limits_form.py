"""The limits of a scenario, changed on its page: they hold at once, whatever is a draft meanwhile."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, ngettext

from wagtail_flows.scenarios.models import Scenario


LIMITS = ("priority", "most_to_contact_a_day", "most_an_hour", "most_bounces", "most_complaints")


class LimitsForm(forms.Form):
    """The fields that the model offers to no other form, with the model's own validators."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in LIMITS:
            self.fields[name] = Scenario._meta.get_field(name).formfield()  # type: ignore[union-attr, assignment]

    def clean(self) -> dict[str, Any]:
        for name in LIMITS:
            if name in self.cleaned_data:
                self._run_validators(name)
        return self.cleaned_data

    def _run_validators(self, name: str) -> None:
        try:
            Scenario._meta.get_field(name).run_validators(self.cleaned_data[name])  # type: ignore[union-attr]
        except ValidationError as error:
            self.add_error(name, error)


def limits_now(scenario: Scenario) -> dict[str, Any]:
    """What a form starts with."""
    return {name: getattr(scenario, name) for name in LIMITS}


def set_limits(scenario: Scenario, limits: dict[str, Any]) -> None:
    """Let these hold from now on."""
    Scenario.objects.filter(pk=scenario.pk).update(**{name: limits[name] for name in LIMITS})


def limits_text(scenario: Scenario) -> str:
    """The limits in a line."""
    most = scenario.most_to_contact_a_day
    words = [
        gettext("%(priority)s priority") % {"priority": scenario.get_priority_display()},
        ngettext(
            "at most %(count)s e-mail to one contact in a day",
            "at most %(count)s e-mails to one contact in a day",
            most,
        )
        % {"count": most},
    ]
    if scenario.most_an_hour is None:
        words.append(gettext("in an hour as many as the forecast says"))
    else:
        words.append(gettext("at most %(count)s in an hour") % {"count": scenario.most_an_hour})
    return "; ".join(words)
