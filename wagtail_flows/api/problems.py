"""What the API answers when it can't: problem details (RFC 9457), one shape for every refusal."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from django.http import JsonResponse
from django.utils.translation import gettext as _

from wagtail_flows.engine.starting import NotStartable
from wagtail_flows.exceptions import FlowsError
from wagtail_flows.lib.problems import Problem


class Refused(FlowsError):
    """The request isn't done; nothing was changed. `code` is for programs, the text for people."""

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        text: str,
        *,
        errors: Iterable[Problem] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        self.status = status
        self.code = code
        self.errors = tuple(errors)
        self.headers = headers or {}
        super().__init__(text)

    def response(self) -> JsonResponse:
        content: dict[str, Any] = {
            "type": "about:blank",
            "title": self.status.phrase,
            "status": self.status.value,
            "code": self.code,
            "detail": str(self),
        }
        if self.errors:
            content["errors"] = [{"field": one.field, "code": one.code, "text": str(one.text)} for one in self.errors]
        return JsonResponse(
            content, status=self.status, content_type="application/problem+json", headers=self.headers or None
        )


def invalid(errors: Iterable[Problem]) -> Refused:
    """The JSON can be read, and says something that can't be done."""
    text = _("Something in the request is wrong: see “errors”.")
    return Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", text, errors=errors)


def not_startable() -> Refused:
    """The scenario is there, and can't be started by hand."""
    return Refused(HTTPStatus.CONFLICT, "not_startable", NotStartable.told())
