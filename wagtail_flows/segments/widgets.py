"""The form widget in which a rule is edited: the editor of `frontend/`, over a textarea that holds the JSON."""

from __future__ import annotations

import json

from collections.abc import Mapping
from typing import Any

from django import forms
from django.urls import reverse

from wagtail_flows.lib.problems import Problem
from wagtail_flows.segments.catalogue import catalogue
from wagtail_flows.segments.compiling import answers
from wagtail_flows.segments.parsing import parse
from wagtail_flows.segments.references import Named
from wagtail_flows.segments.rules import RuleInvalid
from wagtail_flows.segments.wording import Line, outline


class RuleEditorWidget(forms.Textarea):
    """For a JSON form field with a rule in it. `segment` is the public id of the segment being edited, so that a rule
    that asks it is a circle.

    What is in the field is shown in words until the editor is there; without JavaScript it stays so and is sent back
    unchanged.
    """

    template_name = "wagtail_flows/segments/rule_editor.html"

    def __init__(self, attrs: dict[str, Any] | None = None, *, segment: str = "", is_read_only: bool = False) -> None:
        super().__init__(attrs)
        self.segment = segment
        self.is_read_only = is_read_only

    @property
    def media(self) -> forms.Media:
        return forms.Media(
            js=[reverse("flows_javascript_catalogue"), "wagtail_flows/dist/rule-editor.js"],
            css={"all": ["wagtail_flows/dist/rule-editor.css"]},
        )

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        words, problems = read(context["widget"]["value"])
        data = {
            "catalogue": catalogue(),
            "urls": {
                "count": reverse("flows_segments:count"),
                "references": reverse("flows_segments:references", args=["__kind__"]),
            },
            "problems": [problem.as_json() for problem in problems],
            "segment": self.segment,
            "is_read_only": self.is_read_only,
        }
        return {**context, "data": data, "words": words, "problems": problems}


def read(text: str | None) -> tuple[Line | None, tuple[Problem, ...]]:
    """The rule of a JSON text in words, or what is wrong with it; neither for a rule that was never written."""
    try:
        rule = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return None, ()
    if rule is None or (isinstance(rule, Mapping) and not rule):
        return None, ()
    fields = {name: field for name, (field, _source) in answers().items()}
    named = Named(rule)
    try:
        return outline(parse(rule, fields, named), fields, named), ()
    except RuleInvalid as invalid:
        return None, invalid.problems
