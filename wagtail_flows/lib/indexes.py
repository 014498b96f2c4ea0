"""Database indexes that Django doesn't have for every database."""

from __future__ import annotations

from typing import Any

from django.db import models


class HashIndex(models.Index):
    """Of one column that is only ever asked for equality: on PostgreSQL a look takes one page however many rows there
    are. Elsewhere a plain index.
    """

    suffix = "hash"

    def create_sql(self, model: Any, schema_editor: Any, using: str = "", **options: Any) -> Any:
        is_hashed = schema_editor.connection.vendor == "postgresql"
        return super().create_sql(model, schema_editor, using=" USING hash" if is_hashed else using, **options)
