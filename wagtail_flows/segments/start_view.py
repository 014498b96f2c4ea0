"""How a segment begins: from a recipe, from nothing, or by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic import CreateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from wagtail_flows.segments import recipes
from wagtail_flows.segments.compiling import answers
from wagtail_flows.segments.fields import Fields
from wagtail_flows.segments.models import Segment


def known_fields() -> Fields:
    return {name: field for name, (field, _source) in answers().items()}


@dataclass(frozen=True, slots=True)
class Offer:
    """One way to begin; without an address it can't be taken yet, and `explanation` says why."""

    label: str
    explanation: str
    url: str = ""


class StartView(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    model: type[Segment] = Segment
    template_name = "wagtail_flows/segments/start.html"
    page_title = _("New segment")
    header_icon = "flows-segment"
    permission_required = "add"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        index = {"url": reverse("flows_segments:index"), "label": capfirst(Segment._meta.verbose_name_plural)}
        return [*self.breadcrumbs_items, index, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        fields = known_fields()
        offers = [_offer(recipe, fields) for recipe in recipes.RECIPES]
        add_url = reverse("flows_segments:add")
        return {
            **super().get_context_data(**kwargs),
            "offers": offers,
            "rule_url": add_url,
            "static_url": f"{add_url}?kind={Segment.Kind.STATIC}",
        }


def _offer(recipe: recipes.Recipe, fields: Fields) -> Offer:
    if recipe.rule(fields) is None:
        return Offer(str(recipe.label), str(recipe.needs))
    query = urlencode({"recipe": recipe.name})
    return Offer(str(recipe.label), str(recipe.explanation), f"{reverse('flows_segments:add')}?{query}")


class AddSegmentView(CreateView):
    """?recipe=name fills the form; ?kind=static makes one by hand."""

    def get_add_url(self) -> str:
        """What the form posts to keeps the kind."""
        query = self.request.GET.urlencode()
        return f"{super().get_add_url()}?{query}" if query else super().get_add_url()

    def get_form_kwargs(self) -> dict[str, Any]:
        is_static = self.request.GET.get("kind") == Segment.Kind.STATIC
        begun = Segment(kind=Segment.Kind.STATIC if is_static else Segment.Kind.RULE)
        recipe = recipes.find(self.request.GET.get("recipe", ""))
        rule = recipe.rule(known_fields()) if recipe and not is_static else None
        if recipe and rule:
            begun.name, begun.description, begun.rule = str(recipe.label), str(recipe.explanation), rule
        return {**super().get_form_kwargs(), "instance": begun}

    def get_success_url(self) -> str:
        return reverse("flows_segments:inspect", args=[self.object.pk])
