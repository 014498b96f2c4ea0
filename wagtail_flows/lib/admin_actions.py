"""Views that do one thing to one object, by POST only."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.utils import quote
from django.db import transaction
from django.db.models import Model
from django.forms import Form
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views import View
from wagtail.admin import messages
from wagtail.admin.utils import get_valid_next_url_from_request
from wagtail.admin.views.generic.base import BaseObjectMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.log_actions import log

from wagtail_flows.exceptions import FlowsError


@dataclass(frozen=True)
class Action:
    """A button of a page, with the fields that go with it. `explanation` says what pressing it does."""

    label: str | Promise
    url: str
    explanation: str | Promise = ""
    form: Form | None = None
    is_serious: bool = False


class ActionView(PermissionCheckedMixin, BaseObjectMixin, View):
    """POST only: check the permission, `act`, log it, say what was done, go back.

    `act` returns the text for the visitor; what it refuses it raises as FlowsError, whose message is shown.
    """

    http_method_names = ["post"]
    model: type[Model] | None = None
    permission_required = "change"
    form_class: type[Form] = Form
    log_action = ""
    is_atomic = True
    inspect_url_name = ""

    def act(self, data: dict[str, Any]) -> str:
        raise NotImplementedError

    def get_form(self) -> Form:
        return self.form_class(self.request.POST)

    def get_log_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """What the log keeps of the form: plain values only."""
        return {name: str(value) for name, value in data.items() if value not in (None, "")}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = self.get_form()
        if form.is_valid():
            self.act_and_tell(form.cleaned_data)
        else:
            messages.error(request, " ".join(str(text) for texts in form.errors.values() for text in texts))
        return redirect(self.get_return_url())

    def act_and_tell(self, data: dict[str, Any]) -> None:
        try:
            with transaction.atomic() if self.is_atomic else nullcontext():
                told = self.act(data)
                log(self.object, self.log_action, user=self.request.user, data=self.get_log_data(data))
        except FlowsError as refusal:
            messages.error(self.request, str(refusal) or _("This can't be done."))
        else:
            messages.success(self.request, told)

    def get_return_url(self) -> str:
        return get_valid_next_url_from_request(self.request) or reverse(
            self.inspect_url_name, args=[quote(self.object.pk)]
        )
