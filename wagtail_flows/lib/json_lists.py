"""Asking a list within a JSON column, alike on SQLite and PostgreSQL: Django's `contains` isn't there on SQLite."""

from __future__ import annotations

import json

from typing import Any

from django.db.models import BooleanField, F, Func


# Not PostgreSQL's operator `?`, which some drivers take for a place to fill in.
POSTGRESQL = (
    "CASE WHEN jsonb_typeof(jsonb_extract_path({column}, %s::text)) = 'array'"
    " THEN jsonb_exists(jsonb_extract_path({column}, %s::text), %s::text) END"
)
SQLITE = (
    "CASE WHEN json_type({column}, %s) = 'array'"
    " THEN EXISTS (SELECT 1 FROM json_each({column}, %s) AS item WHERE item.value = %s) END"
)


class HasItem(Func):
    """Whether the list under `name` in a JSON column has the text `item`; NULL where there is no list."""

    output_field = BooleanField(null=True)

    def __init__(self, column: str, name: str, item: str) -> None:
        super().__init__(F(column))
        self.name = name
        self.item = item

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self._filled_in(POSTGRESQL, self.name, compiler)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self._filled_in(SQLITE, f"$.{json.dumps(self.name)}", compiler)

    def _filled_in(self, template: str, place: str, compiler: Any) -> tuple[str, tuple[Any, ...]]:
        column, params = compiler.compile(self.source_expressions[0])
        return template.format(column=column), (*params, place, *params, place, self.item)
