"""One table for all benchmarks, in Markdown, with what it was measured on."""

from __future__ import annotations

import os
import platform

from collections.abc import Iterable, Sequence
from pathlib import Path

from django.db import connection

from benchmarks.databases import EVENTS_PER_CONTACT, ORDERS_PER_CONTACT
from benchmarks.measuring import Pace, Row
from wagtail_flows.lib import clock


SETTINGS = (
    "shared_buffers", "work_mem", "effective_cache_size", "random_page_cost", "jit", "max_parallel_workers_per_gather",
    "synchronous_commit", "fsync",
)  # fmt: skip


def heading(about: str, how: str) -> str:
    """When, on what, `about` how many, and `how` it was measured."""
    with connection.cursor() as cursor:
        settings = []
        for name in SETTINGS:
            cursor.execute(f"SHOW {name}")
            settings.append(f"{name} {cursor.fetchone()[0]}")
        cursor.execute("SHOW server_version")
        version = cursor.fetchone()[0]
    return "\n".join(
        (
            f"Measured on {clock.real_now():%Y-%m-%d %H:%M} UTC, with {about}.",
            f"{_processor()}, {os.cpu_count()} cores, {_memory()} of memory, {platform.system()} {platform.machine()}, "
            f"load {os.getloadavg()[0]:.1f} at the end.",
            f"PostgreSQL {version}: {', '.join(settings)}. Python {platform.python_version()}.",
            how,
        )
    )


def of_segments(contacts: int) -> str:
    return heading(
        f"{contacts:,} contacts, {contacts * EVENTS_PER_CONTACT:,} events and {contacts * ORDERS_PER_CONTACT:,} orders",
        "Times are medians, both ways in turns in the same run; ours includes parsing and compiling the rule.",
    )


def of_engine(size: int) -> str:
    return heading(
        f"up to {size:,} contacts",
        "Medians of five, both ways in turns in the same run (of memory and of waiting: one run). PostgreSQL, the mail "
        "server and the workers share this machine.",
    )


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or "unknown processor"


def _memory() -> str:
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GB"


HEAD = ("| Benchmark | Of | Ours, ms | Beside it, ms | Ratio | Allowed | | Note |", "|---|---|--:|--:|--:|--:|---|---|")


def line(row: Row) -> str:
    passed = "ok" if row.has_passed else "**over**"
    return (
        f"| {row.part} | {row.name} | {row.ours * 1000:,.1f} | {row.rival * 1000:,.1f} | {row.ratio:.2f} "
        f"| {row.allowed:.2f} | {passed} | {row.note} |"
    )


def table(rows: Iterable[Row]) -> str:
    return "\n".join((*HEAD, *map(line, sorted(rows, key=lambda row: row.part))))


def summary(rows: Sequence[Row]) -> str:
    over = [row for row in rows if not row.has_passed]
    worst = max(rows, key=lambda row: row.ratio / row.allowed)
    if over:
        return f"{len(over)} of {len(rows)} are over what is allowed."
    return (
        f"All {len(rows)} are within what is allowed; the closest is “{worst.name}” ({worst.part}): {worst.ratio:.2f}."
    )


PACES = (
    "| Part | Measure | With | Ours | Beside it | Ratio | Asked | | Note |",
    "|---|---|---|--:|--:|--:|--:|---|---|",
)


def pace_line(pace: Pace) -> str:
    ratio = "" if pace.ratio is None else f"{pace.ratio:,.2f}"
    sign = "≥" if pace.is_at_least else "≤"
    asked = "" if pace.wanted is None else f"{sign} {pace.wanted:g}"
    passed = "" if pace.wanted is None else "ok" if pace.has_passed else "**not yet**"
    beside = "" if pace.rival is None else f"{_number(pace.rival)} ({pace.rival_name})"
    return (
        f"| {pace.part} | {pace.name} | {pace.with_} | {_number(pace.ours)} {pace.unit} | {beside} | {ratio} | {asked} "
        f"| {passed} | {pace.note} |"
    )


def _number(value: float) -> str:
    return f"{value:,.2f}" if value < 10 else f"{value:,.0f}"


def pace_table(paces: Iterable[Pace]) -> str:
    return "\n".join((*PACES, *map(pace_line, paces)))


def pace_summary(paces: Sequence[Pace]) -> str:
    missed = [pace for pace in paces if not pace.has_passed]
    asked = sum(pace.wanted is not None for pace in paces)
    return f"{asked - len(missed)} of {asked} reach what is asked."
