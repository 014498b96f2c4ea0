"""The form of a message: lenient on drafts, strict when it is published."""

from __future__ import annotations

from typing import Any

from wagtail.admin.forms import WagtailAdminModelForm

from wagtail_flows.messages.checking import combination_problems
from wagtail_flows.messages.personalize import complaint


class MessageForm(WagtailAdminModelForm):
    """The blocks check their own Liquid; this checks the rest, and says it at the field."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if not self.is_deferred_validation:
            self._check_liquid(cleaned)
            self._check_basis(cleaned)
        return cleaned

    def _check_liquid(self, cleaned: dict[str, Any]) -> None:
        for name in ("subject", "preheader"):
            text = complaint(cleaned.get(name) or "")
            if text and name in self.fields:
                self.add_error(name, text)

    def _check_basis(self, cleaned: dict[str, Any]) -> None:
        review = bool(cleaned.get("asks_for_review"))
        found = combination_problems(cleaned.get("stream") or "", cleaned.get("basis") or "", asks_for_review=review)
        for problem in found:
            self.add_error(problem.field if problem.field in self.fields else None, problem.text)
