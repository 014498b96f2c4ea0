"""bench: measure, print one table, and end with 1 when something is slower than allowed."""

from __future__ import annotations

import sys

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from benchmarks import asking, databases, table
from benchmarks.measuring import Row


SEGMENTS = "segments"


class Command(BaseCommand):
    help = (
        "Measure on PostgreSQL, beside a plain way of doing the same. Databases called bench_* are made on the server, "
        "and kept for the next time."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--only", choices=[SEGMENTS], help="One benchmark instead of all.")
        parser.add_argument("--size", type=int, default=1_000_000, help="How many contacts (default: 1,000,000).")
        parser.add_argument("--smaller", type=int, help="Contacts that growth is measured from (default: a tenth).")
        parser.add_argument(
            "--parts", nargs="+", choices=asking.PARTS, default=asking.PARTS, help="Of the benchmark of segments."
        )
        parser.add_argument("--named", default="", help="Only what has this in its name.")
        parser.add_argument("--data-only", action="store_true", help="Make the databases and stop.")
        parser.add_argument("--drop", action="store_true", help="Drop the databases afterwards.")
        parser.add_argument("--output", type=Path, help="Write the table to this file too.")

    def handle(self, *args: Any, **options: Any) -> None:
        size = options["size"]
        smaller = options["smaller"] or max(size // 10, 1)
        needed = (size, smaller) if asking.GROWTH in options["parts"] else (size,)
        for contacts in needed:
            databases.make_ready(contacts)
        rows = [] if options["data_only"] else list(self._rows(size, smaller, options))
        if rows:
            self._tell(rows, size, options["output"])
        if options["drop"]:
            for contacts in needed:
                databases.drop(contacts)
        if not all(row.has_passed for row in rows):
            sys.exit(1)

    def _rows(self, size: int, smaller: int, options: dict[str, Any]) -> Iterator[Row]:
        for row in asking.measured(size, smaller, options["parts"], options["named"]):
            print(table.line(row), flush=True)
            yield row

    def _tell(self, rows: list[Row], size: int, output: Path | None) -> None:
        text = f"{table.heading(size)}\n\n{table.table(rows)}\n\n{table.summary(rows)}\n"
        print(f"\n{text}")
        if output:
            output.write_text(f"# Results\n\n{text}")
