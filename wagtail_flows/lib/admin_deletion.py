"""Deleting says first what stands in the way, and where; it never ends in an error page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.utils import NestedObjects
from django.db.models import Model, ProtectedError, RestrictedError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise, cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.admin.views.generic import DeleteView
from wagtail.models import ReferenceIndex


MOST_NAMED = 20
CONFLICT = 409


@dataclass(frozen=True)
class Use:
    """One thing that needs the thing to be deleted. `kind` and `label` are for people."""

    kind: str
    label: str
    url: str | None = None


Finder = Callable[[Any], Iterable[Model]]
_finders: dict[type[Model], list[Finder]] = {}
_advice: dict[type[Model], str | Promise] = {}


def register_use(model: type[Model], finder: Finder) -> None:
    """Refuse to delete a `model` as long as `finder(instance)` yields anything. Safe to call twice."""
    finders = _finders.setdefault(model, [])
    if finder not in finders:
        finders.append(finder)


def advise(model: type[Model], text: str | Promise) -> None:
    """Say what to do instead of deleting a `model` that can't be deleted."""
    _advice[model] = text


def advice_for(instance: Model) -> str:
    return str(_advice.get(type(instance), _("Take it out of these places first.")))


def users_of(instance: Model) -> list[Model]:
    """Everything that stands in the way of deleting `instance`, without doubles, at most a few of each kind."""
    found = [user for finder in _finders.get(type(instance), []) for user in finder(instance)]
    return list(dict.fromkeys([*found, *_protected(instance)]))


def _protected(instance: Model) -> list[Model]:
    collector = NestedObjects(using=instance._state.db or "default")
    collector.collect([instance])
    return [_shown(user) for user in collector.protected]


def _shown(user: Model) -> Model:
    """The page of a form field rather than the field: what has a page in the admin of its own."""
    return getattr(user, "page", user)


def referring(instance: Model) -> list[Model]:
    """Pages and snippets that name `instance`, according to Wagtail's index of references."""
    grouped = ReferenceIndex.get_references_to(instance).group_by_source_object()
    return [source for source, _references in grouped]


def uses_of(instance: Model, request: HttpRequest) -> list[Use]:
    """The first of what stands in the way, named and linked as far as the visitor may open it."""
    finder = AdminURLFinder(request.user)
    found = [
        Use(capfirst(str(user._meta.verbose_name)), str(user), finder.get_edit_url(user))
        for user in users_of(instance)[:MOST_NAMED]
    ]
    # A page is found twice, as a page and as its own kind of page: the address tells that it is one.
    return list({use.url or use: use for use in reversed(found)}.values())[::-1]


@dataclass(frozen=True)
class Blocked:
    """One thing that can't be deleted, why not, and what to do instead."""

    name: str
    uses: list[Use]
    advice: str


def _viewset(snippet: Any) -> Any:
    """Where Wagtail keeps the viewset of a snippet."""
    return snippet.snippet_viewset


def refuse_deletion(request: HttpRequest, instances: Sequence[Model]) -> HttpResponse | None:
    """A page that says why our snippets can't be deleted, or None. For the hook `before_delete_snippet`."""
    ours = [instance for instance in instances if instance._meta.app_label == "wagtail_flows"]
    asked = [Blocked(str(instance), uses_of(instance, request), advice_for(instance)) for instance in ours]
    blocked = [one for one in asked if one.uses]
    if not blocked:
        return None
    index_url = reverse(_viewset(ours[0]).get_url_name("list"))
    context = {"blocked": blocked, "back_url": index_url}
    return TemplateResponse(request, "wagtail_flows/admin/cannot_delete.html", context, status=CONFLICT)


class ExplainedDeleteView(DeleteView):
    """Asks before deleting, or says what needs the thing, and where. `warning` tells what else goes."""

    template_name = "wagtail_flows/admin/confirm_delete.html"
    warning: str | Promise = ""

    def get_usage(self) -> None:
        return None

    def get_usage_url(self) -> None:
        return None

    @cached_property
    def blocked(self) -> Blocked | None:
        uses = uses_of(self.object, self.request)
        return Blocked(str(self.object), uses, advice_for(self.object)) if uses else None

    def get_warning(self) -> str:
        return str(self.warning)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.blocked:
            return self.render_to_response(self.get_context_data(), status=CONFLICT)
        try:
            return super().post(request, *args, **kwargs)
        except (ProtectedError, RestrictedError):
            # Something began to use it between the question and the answer.
            del self.blocked
            return self.render_to_response(self.get_context_data(), status=CONFLICT)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "blocked": self.blocked, "warning": self.get_warning()}
