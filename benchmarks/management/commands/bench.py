"""bench: measure, print one table, and end with 1 when something is slower than allowed."""

from __future__ import annotations

import sys

from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from benchmarks import asking, databases, table
from benchmarks.engine import parts as engine
from benchmarks.measuring import Pace, Row


SEGMENTS, ENGINE = "segments", "engine"
PARTS = (*asking.PARTS, *engine.PARTS)


class Command(BaseCommand):
    help = (
        "Measure on PostgreSQL, beside a plain way of doing the same. Databases called bench_* are made on the server, "
        "and kept for the next time."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--only", choices=[SEGMENTS, ENGINE], help="One benchmark instead of both.")
        parser.add_argument("--size", type=int, default=1_000_000, help="How many contacts (default: 1,000,000).")
        parser.add_argument("--smaller", type=int, help="Contacts that growth is measured from (default: a tenth).")
        parser.add_argument(
            "--parts",
            nargs="+",
            choices=PARTS,
            metavar="PART",
            help=f"Of segments: {', '.join(asking.PARTS)}. Of the engine: {', '.join(engine.PARTS)}. Default: all.",
        )
        parser.add_argument("--named", default="", help="Of segments: only what has this in its name.")
        parser.add_argument("--data-only", action="store_true", help="Make the databases of segments and stop.")
        parser.add_argument("--drop", action="store_true", help="Drop the databases afterwards.")
        parser.add_argument("--output", type=Path, help="Write the tables to this file too.")

    def handle(self, *args: Any, **options: Any) -> None:
        asked = _parts(options["only"], options["parts"])
        of_segments = [part for part in asked if part in asking.PARTS]
        of_engine = [part for part in asked if part in engine.PARTS and not options["data_only"]]
        texts, passed = [], True
        if of_segments:
            rows = self._segments(of_segments, options)
            passed = all(row.has_passed for row in rows)
            if rows:
                texts.append(
                    _told("Segments", table.of_segments(options["size"]), table.table(rows), table.summary(rows))
                )
        if of_engine:
            paces = list(_shown(engine.measured(options["size"], of_engine)))
            passed = passed and all(pace.has_passed for pace in paces)
            told = table.pace_table(paces), table.pace_summary(paces)
            texts.append(_told("The engine", table.of_engine(options["size"]), *told))
        self._tell(texts, options["output"])
        if options["drop"]:
            databases.drop_all()
        if not passed:
            sys.exit(1)

    def _segments(self, parts: list[str], options: dict[str, Any]) -> list[Row]:
        size = options["size"]
        smaller = options["smaller"] or max(size // 10, 1)
        for contacts in (size, smaller) if asking.GROWTH in parts else (size,):
            databases.make_ready(contacts)
        if options["data_only"]:
            return []
        rows = []
        for row in asking.measured(size, smaller, parts, options["named"]):
            print(table.line(row), flush=True)
            rows.append(row)
        return rows

    def _tell(self, texts: list[str], output: Path | None) -> None:
        text = "\n".join(texts)
        print(f"\n{text}")
        if output:
            output.write_text(f"# Results\n\n{text}")


def _parts(only: str | None, named: list[str] | None) -> tuple[str, ...]:
    """The parts that are asked for, in their order."""
    of = {SEGMENTS: asking.PARTS, ENGINE: tuple(engine.PARTS), None: PARTS}[only]
    return tuple(part for part in of if named is None or part in named)


def _shown(paces: Iterable[Pace]) -> Iterator[Pace]:
    for pace in paces:
        print(table.pace_line(pace), flush=True)
        yield pace


def _told(title: str, *parts: str) -> str:
    return "\n\n".join((f"## {title}", *parts)) + "\n"
