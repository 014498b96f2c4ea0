"""The field that stores a graph: it tells Wagtail's index of references which e-mails and lists the graph names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import models

from wagtail_flows.scenarios import catalogue
from wagtail_flows.scenarios.graph import read
from wagtail_flows.scenarios.references import Reference, Target


class GraphField(models.JSONField):
    """JSON of a graph. Migrations know it as a plain JSONField, so this class may move."""

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", args, kwargs

    def extract_references(self, value: Any) -> Iterator[tuple[type[models.Model], str, str, str]]:
        """(model, primary key, path in the model, path in the content) of each object named."""
        references = list(read(value).graph.references())
        for target, keys in catalogue.keys_by_target(references).items():
            for model, pk, key in catalogue.objects_named(target, keys):
                yield from ((model, str(pk), target.value, place) for place in _places(references, target, key))


def _places(references: Iterable[Reference], target: Target, key: str) -> list[str]:
    return [f"{one.step}.{one.field}" for one in references if (one.target, one.key) == (target, key)]
