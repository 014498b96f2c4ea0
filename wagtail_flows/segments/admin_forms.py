"""Forms of the admin about segments."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from wagtail_flows.lib import bell
from wagtail_flows.lib.problems import Problem
from wagtail_flows.segments.compiling import Scope, compile_rule
from wagtail_flows.segments.models import Segment
from wagtail_flows.segments.parsing import parse
from wagtail_flows.segments.references import Named
from wagtail_flows.segments.rules import RuleInvalid
from wagtail_flows.segments.widgets import RuleEditorWidget


LONGEST_RULE = 256 * 1024
EVERYBODY = {"match": "all", "rules": []}


class RuleField(forms.JSONField):
    """The JSON of a rule. Whatever is no JSON is an error of the field, and is shown again."""

    widget = RuleEditorWidget

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and len(value) > LONGEST_RULE:
            raise ValidationError(gettext("This rule is too long."))
        try:
            return super().to_python(value)
        except (RecursionError, ValueError) as error:
            raise ValidationError(gettext("This rule can't be read.")) from error

    def bound_data(self, data: Any, initial: Any) -> Any:
        try:
            return super().bound_data(data, initial)
        except (RecursionError, ValueError):
            return initial


class SegmentForm(WagtailAdminModelForm):
    """Name and rule of a segment; one made by hand has no rule."""

    rule = RuleField(label=_("Who"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.kind == Segment.Kind.STATIC:
            del self.fields["rule"]
        elif not self.instance._state.adding:
            self.fields["rule"].widget.segment = str(self.instance.public_id)

    def clean_rule(self) -> Any:
        rule = self.cleaned_data["rule"]
        if rule is None or rule == {}:
            return EVERYBODY
        problems = problems_in(rule, str(self.instance.public_id))
        if problems:
            raise ValidationError([located(problem) for problem in problems])
        return rule

    def save(self, commit: bool = True) -> Segment:
        if "rule" in self.changed_data:
            self.instance.counted_at = None
            bell.ring()
        segment: Segment = super().save(commit=commit)
        return segment


def problems_in(data: object, public_id: str) -> tuple[Problem, ...]:
    """Why the JSON can't be the rule of that segment. One that asks another segment which can't be asked may be saved:
    its page says so.
    """
    scope = Scope(inside=(public_id,))
    fields = {name: field for name, (field, _source) in scope.answers.items()}
    try:
        compile_rule(parse(data, fields, Named(data)), scope)
    except RuleInvalid as invalid:
        return tuple(problem for problem in invalid.problems if problem.code != "segment_broken")
    return ()


# What every page of a segment with problems says first.
NOBODY_ASKED = _("This segment can't be asked, so nobody is in it, wherever it is used.")


def located(problem: Problem) -> str:
    """The problem with its place counted as people count: “Condition 1.2: …”."""
    if not problem.step:
        return str(problem.text)
    place = ".".join(str(int(part) + 1) for part in problem.step.split("."))
    return gettext("Condition %(place)s: %(text)s") % {"place": place, "text": problem.text}


class AddressForm(forms.Form):
    address = forms.CharField(label=_("E-mail address"), max_length=254)


class AddressFileForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "CSV or text with a column of e-mail addresses; UTF-8 or as Excel writes it, with or without headings."
        ),
    )


class ChooseSegmentForm(forms.Form):
    """One of the segments made by hand."""

    segment = forms.ModelChoiceField(
        label=_("Segment"), queryset=Segment.objects.filter(kind=Segment.Kind.STATIC), empty_label=None
    )
