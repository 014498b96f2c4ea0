"""Admin views that may publish say why a scenario was refused, where the form couldn't find it out before."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from wagtail_flows.scenarios.problems import located
from wagtail_flows.scenarios.publishing import ScenarioNotPublishable


class RefusalShownMixin:
    """Put before a view of a scenario that may publish it: leads back to its form with the reasons."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        except ScenarioNotPublishable as refusal:
            reasons = " ".join(located(problem) for problem in refusal.problems)
            messages.error(request, _("The scenario wasn't published. %(reasons)s") % {"reasons": reasons})
        if request.headers.get("x-requested-with") == "XMLHttpRequest":
            # What the dialogs of Wagtail's workflow expect.
            return JsonResponse({"step": "success", "redirect": self._url_of_form()})
        return redirect(self._url_of_form())

    def _url_of_form(self) -> str:
        view: Any = self
        # The edit view knows it; a workflow action goes back there when it is done.
        return str(view.get_edit_url() if hasattr(view, "get_edit_url") else view.redirect_url)
