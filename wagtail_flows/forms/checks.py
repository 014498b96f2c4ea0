"""System checks of the form pages of the site."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004  (Django's own name)
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Model
from wagtail.contrib.forms.models import AbstractFormField, FormMixin

from wagtail_flows.forms.models import OptInFormFieldMixin, OptInFormMixin
from wagtail_flows.forms.opting_in import field_telling, is_opt_in
from wagtail_flows.lib.form_choices import EMAIL, OPT_IN


@register(Tags.models)
def opt_in_mixins_come_first(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """E101, E102: a mixin stands behind the class that it should change. W101: only one of the two mixins is used."""
    models = [model for config in app_configs or apps.get_app_configs() for model in config.get_models()]
    return [message for model in models for message in (*_page_problems(model), *_field_problems(model))]


@register(Tags.database)
def published_opt_ins_know_an_address(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """W102: a published form has an opt-in, but no field that tells the address, or an opt-in without a list."""
    models = [model for model in apps.get_models() if issubclass(model, OptInFormMixin)]
    return [
        message
        for database in databases or ()
        if _is_migrated(database)
        for model in models
        for page in model._default_manager.using(database).filter(live=True)
        for message in _published_problems(page)
    ]


def _is_migrated(database: str) -> bool:
    """Whether every table is as the models say: `migrate` runs the checks first, before it makes them so."""
    executor = MigrationExecutor(connections[database])
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _page_problems(model: type[Model]) -> Iterator[CheckMessage]:
    if not issubclass(model, OptInFormMixin):
        return
    if not _stands_before(model, OptInFormMixin, FormMixin):
        yield Error(
            "OptInFormMixin must come before Wagtail's form classes among the bases of the page.",
            hint=f"class {model.__name__}(OptInFormMixin, AbstractEmailForm)",
            obj=model,
            id="wagtail_flows.E101",
        )
    for field_model in _field_models(model):
        if not issubclass(field_model, OptInFormFieldMixin):
            yield Warning(
                f"The fields of this form page ({field_model._meta.label}) can't be opt-ins.",
                hint=f"class {field_model.__name__}(OptInFormFieldMixin, AbstractFormField)",
                obj=model,
                id="wagtail_flows.W101",
            )


def _field_problems(model: type[Model]) -> Iterator[CheckMessage]:
    if not issubclass(model, OptInFormFieldMixin):
        return
    field_type = model._meta.get_field("field_type")
    if not _stands_before(model, OptInFormFieldMixin, AbstractFormField) or OPT_IN not in dict(field_type.flatchoices):
        yield Error(
            "This form field has no type “Opt-in to a list”.",
            hint=f"class {model.__name__}(OptInFormFieldMixin, AbstractFormField), without a field_type of its own.",
            obj=model,
            id="wagtail_flows.E102",
        )


def _published_problems(page: Any) -> Iterator[CheckMessage]:
    rows = list(page.get_form_fields())
    opt_ins = [row for row in rows if is_opt_in(row)]
    if opt_ins and (field_telling(EMAIL, rows) is None or not all(row.flows_list_id for row in opt_ins)):
        yield Warning(
            f"Whoever ticks an opt-in on the form page {page.pk} isn't subscribed.",
            hint="Edit the page: an opt-in needs a list, and an e-mail field in the same form.",
            id="wagtail_flows.W102",
        )


def _stands_before(model: type, first: type, second: type) -> bool:
    order = model.__mro__
    return first in order and second in order and order.index(first) < order.index(second)


def _field_models(page: type[Model]) -> list[type[Model]]:
    related = [relation.related_model for relation in page._meta.related_objects]
    return [model for model in related if isinstance(model, type) and issubclass(model, AbstractFormField)]
