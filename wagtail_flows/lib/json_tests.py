"""Tests on one key of a JSON column that SQLite and PostgreSQL answer alike, whatever the key and the value are.

Django's own look-ups don't: a number is its text on PostgreSQL and not on SQLite, `contains` ignores case on SQLite,
null is a text there, and keys that are numbers or have quotation marks are looked for elsewhere. Texts are compared
exactly; `lib.json_values` says what a value's text is.
"""

from __future__ import annotations

from string import Formatter
from typing import Any

from django.db import connections
from django.db.backends.signals import connection_created
from django.db.models import BooleanField, Func, IntegerField, Value

from wagtail_flows.lib import json_values


class _Test(Func):
    """Of a column, a key and a text. SQLite is asked the function of that name, PostgreSQL its own SQL."""

    arity = 3
    postgresql = ""

    def __init__(self, column: str, key: str, wanted: str) -> None:
        super().__init__(column, Value(key), Value(wanted))

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        parts = dict(zip(("data", "key", "wanted"), map(compiler.compile, self.source_expressions), strict=True))
        parts["pattern"] = "%s", (f"^({json_values.NUMBER})$",)
        sql, params = "", []
        for text, name, _spec, _conversion in Formatter().parse(self.postgresql):
            sql += text
            if name is not None:
                sql += parts[name][0]
                params += parts[name][1]
        return sql, tuple(params)


class Says(_Test):
    """Whether the key's value is this text, or a number or boolean that is spelt so."""

    function = "flows_json_says"
    output_field = BooleanField()
    # Never NULL, so that it can be denied.
    postgresql = "({data} ->> {key} = {wanted}) IS TRUE"

    def __init__(self, column: str, key: str, wanted: str) -> None:
        super().__init__(column, key, wanted)
        # Lists and objects have a text on PostgreSQL. To look at the type each time would take as long again.
        if wanted.startswith(("[", "{")):
            self.postgresql = f"({self.postgresql} AND jsonb_typeof({{data}} -> {{key}}) = 'string')"


class Contains(_Test):
    """Whether this text stands in the key's text, or is an item of its list."""

    function = "flows_json_contains"
    output_field = BooleanField()
    postgresql = """CASE jsonb_typeof({data} -> {key})
        WHEN 'string' THEN strpos({data} ->> {key}, {wanted}) > 0
        WHEN 'array' THEN EXISTS (
            SELECT 1 FROM jsonb_array_elements({data} -> {key}) AS flows_item(value)
            WHERE jsonb_typeof(flows_item.value) NOT IN ('array', 'object')
            AND flows_item.value #>> '{{}}' = {wanted}
        ) ELSE false END"""


class Compared(_Test):
    """-1, 0 or 1 as the number of the key is less than, equal to or more than this one; NULL where it has none."""

    function = "flows_json_compared"
    output_field = IntegerField()
    postgresql = f"""CASE
        WHEN length({{data}} ->> {{key}}) <= {json_values.LONGEST_NUMBER} AND {{data}} ->> {{key}} ~ {{pattern}}
        THEN sign(({{data}} ->> {{key}})::numeric - {{wanted}}::numeric) END"""


_FUNCTIONS = {
    Says.function: json_values.says,
    Contains.function: json_values.contains,
    Compared.function: json_values.compared,
}


def connect() -> None:
    """Lend every connection to SQLite the functions, those that are open already too."""
    connection_created.connect(_lend, dispatch_uid="wagtail_flows.lib.json_tests")
    for connection in connections.all(initialized_only=True):
        if connection.connection is not None:
            _lend(connection=connection)


def _lend(*, connection: Any, **_signal: Any) -> None:
    if connection.vendor == "sqlite":
        for name, function in _FUNCTIONS.items():
            connection.connection.create_function(name, 3, function, deterministic=True)
