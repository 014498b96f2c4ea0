"""The page that makes a draft of a file: first what would change, then, confirmed, the change."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from wagtail_flows.lib.admin_policy import may
from wagtail_flows.scenarios.exchange import Content, NotReadable, read_file
from wagtail_flows.scenarios.importing import NotImportable, Preview, preview, save_draft
from wagtail_flows.scenarios.models import Scenario
from wagtail_flows.scenarios.problems import located
from wagtail_flows.scenarios.yaml_text import LARGEST_FILE


class ImportFileForm(forms.Form):
    file = forms.FileField(
        label=_("File"), help_text=_("YAML, as “Export” on the page of a scenario gives it."), allow_empty_file=True
    )

    def text(self) -> bytes:
        """What was uploaded; one byte more than is read, so that too much is noticed."""
        content: bytes = self.cleaned_data["file"].read(LARGEST_FILE + 1)
        return content


class ConfirmForm(forms.Form):
    """The same file again, and what the draft was when its changes were shown."""

    text = forms.CharField(widget=forms.HiddenInput, strip=False)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)


class ImportScenarioView(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    """POST with a file shows what would change; POST with what was shown writes the draft. Nothing is published."""

    model = Scenario
    any_permission_required = ("add", "change")
    template_name = "wagtail_flows/scenarios/import.html"
    page_title = _("Import a scenario")
    header_icon = "upload"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *WagtailAdminTemplateMixin.breadcrumbs_items,
            {"url": reverse("flows_scenarios:list"), "label": capfirst(Scenario._meta.verbose_name_plural)},
            {"url": "", "label": self.get_page_title()},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {"form": ImportFileForm(), **super().get_context_data(**kwargs)}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "text" in request.POST:
            return self.confirmed(ConfirmForm(request.POST))
        form = ImportFileForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.answer(422, form=form)
        try:
            return self.shown(form.text())
        except (NotReadable, NotImportable) as refusal:
            return self.answer(422, refusals=_lines(refusal))

    def shown(self, text: bytes) -> HttpResponse:
        """What would change, with the button that does it. Raises NotReadable, NotImportable."""
        told = preview(read_file(text))
        self.refuse(told.content, told.scenario)
        confirm = ConfirmForm(initial={"text": text.decode("utf-8-sig"), "seen": told.seen})
        return self.answer(200, told=told, confirm=confirm, problems=_problems(told))

    def confirmed(self, form: ConfirmForm) -> HttpResponseBase:
        if not form.is_valid():
            return self.answer(422, refusals=[gettext("Choose the file again.")])
        # A browser sends a field's line ends as CRLF, which would make a large file too large.
        text, seen = form.cleaned_data["text"].replace("\r\n", "\n"), form.cleaned_data["seen"]
        try:
            content = read_file(text)
            self.refuse(content, preview(content).scenario)
            scenario = save_draft(content, seen=seen, user=self.request.user)
        except (NotReadable, NotImportable) as refusal:
            return self.answer(409, refusals=_lines(refusal))
        told = gettext("The draft of “%(scenario)s” is saved. It isn’t published yet.")
        messages.success(self.request, told % {"scenario": scenario})
        return redirect("flows_scenarios:inspect", scenario.pk)

    def refuse(self, content: Content, scenario: Scenario | None) -> None:
        """Making one needs another permission than changing one."""
        if not may(self.request.user, Scenario, "add" if scenario is None else "change"):
            if scenario is None:
                told = gettext("There is no scenario called “%(name)s”, and you may not add one.")
            else:
                told = gettext("You may not change “%(name)s”.")
            raise PermissionDenied(told % {"name": content.name})

    def answer(self, status: int, **context: Any) -> TemplateResponse:
        return TemplateResponse(self.request, self.template_name, {**self.get_context_data(), **context}, status=status)


def _lines(refusal: Exception) -> list[str]:
    return str(refusal).splitlines()


def _problems(told: Preview) -> list[str]:
    return [located(problem) for problem in told.problems]
