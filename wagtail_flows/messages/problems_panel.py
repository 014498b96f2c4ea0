"""Shows beside the form of a message what its author should look at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.text import capfirst
from wagtail.admin.panels import Panel

from wagtail_flows.messages.checking import problems_of
from wagtail_flows.messages.context import known_names


class ProblemsPanel(Panel):
    """The problems of the message as it was last saved, each with its place. Absent where there are none."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "wagtail_flows/messages/problems_panel.html"

        def is_shown(self) -> bool:
            return super().is_shown() and self.instance.pk is not None and bool(self.problems)

        @property
        def problems(self) -> list[dict[str, Any]]:
            if not hasattr(self, "_problems"):
                self._problems = located(self.instance)
            return self._problems

        def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
            return {**super().get_context_data(parent_context), "problems": self.problems}


def located(message: Any) -> list[dict[str, Any]]:
    """Each problem with the words for its place: the field's name, or the block's label and its number in the body."""
    blocks = {block.id: (number, block.block) for number, block in enumerate(message.body, start=1)}
    found = []
    for problem in problems_of(message, known_names()):
        if problem.step in blocks:
            number, block = blocks[problem.step]
            field = block.child_blocks.get(problem.field)
            place = f"{number}. {block.label}" + (f", {field.label}" if field else "")
        else:
            place = capfirst(str(message._meta.get_field(problem.field).verbose_name))
        found.append({"place": place, "text": problem.text, "is_warning": problem.is_warning})
    return found
