"""Choosers of snippets that ask for permission.

Wagtail's own let everyone who may enter the admin list and read what can be chosen (wagtail/wagtail#14272).
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from wagtail.admin.views.generic.chooser import ModelLookupMixin
from wagtail.snippets.views import chooser

from wagtail_flows.lib.admin_policy import may


class GuardedMixin(ModelLookupMixin):
    """Choosing needs some permission on what is chosen."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may(request.user, self.model_class):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class GuardedChooseView(GuardedMixin, chooser.ChooseView):
    pass


class GuardedChooseResultsView(GuardedMixin, chooser.ChooseResultsView):
    pass


class GuardedChosenView(GuardedMixin, chooser.SnippetChosenView):
    pass


class GuardedChosenMultipleView(GuardedMixin, chooser.SnippetChosenMultipleView):
    pass


class GuardedChooserViewSet(chooser.SnippetChooserViewSet):
    choose_view_class = GuardedChooseView
    choose_results_view_class = GuardedChooseResultsView
    chosen_view_class = GuardedChosenView
    chosen_multiple_view_class = GuardedChosenMultipleView
