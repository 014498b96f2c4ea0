"""flows_scenario: check, compare, read and write scenarios as text."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.text import slugify

from wagtail_flows.exceptions import FlowsError
from wagtail_flows.management.scenario_texts import DRAFT, LIVE, NotFound, Told, by_name, bytes_of, everything, find, of
from wagtail_flows.scenarios.comparing import Change
from wagtail_flows.scenarios.exchange import NotExportable, export, read_file
from wagtail_flows.scenarios.importing import Preview, changes_between, preview, save_draft
from wagtail_flows.scenarios.models import Scenario
from wagtail_flows.scenarios.problems import errors, located
from wagtail_flows.scenarios.publishing import problems_of


DIFFERENT, TROUBLE = 1, 2
NAMES = "a file (.yaml), or a scenario by its name: Name (its draft), Name@live, Name@3"


class Command(BaseCommand):
    help = "Check, compare, load and dump scenarios as YAML. Loading makes a draft; --publish alone publishes it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="check|diff|load|dump")
        check = verbs.add_parser("check", help="say what is wrong; exits with 1 where something keeps from publishing")
        check.add_argument("names", nargs="*", help=f"{NAMES}; without one, every scenario")
        diff = verbs.add_parser("diff", help="what differs, in words; exits with 1 where something does")
        diff.add_argument(
            "before", help=f"{NAMES}. Alone: a file is compared with the draft, a draft with what is live"
        )
        diff.add_argument("after", nargs="?", help="the same")
        load = verbs.add_parser("load", help="make drafts of files")
        load.add_argument("files", nargs="+", type=Path)
        load.add_argument("--dry-run", action="store_true", help="only say what would change")
        load.add_argument("--publish", action="store_true", help="publish what was loaded; refused where it has errors")
        dump = verbs.add_parser("dump", help="write scenarios as text")
        dump.add_argument("names", nargs="*", help=f"{NAMES}; without one, every scenario (with --to)")
        dump.add_argument(
            "--to", type=Path, help="a folder, for one file each; without it, one is written to the output"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        verb = {"check": self.check_all, "diff": self.diff, "load": self.load, "dump": self.dump}[options["verb"]]
        try:
            verb(options)
        except FlowsError as refusal:
            raise CommandError(str(refusal), returncode=TROUBLE) from refusal

    def check_all(self, options: dict[str, Any]) -> None:
        told = [find(words) for words in options["names"]] or list(everything())
        bad = sum(not self.is_well(one) for one in told)
        if bad:
            raise CommandError(f"{bad} of {len(told)} can’t be published.", returncode=DIFFERENT)
        self.stdout.write(self.style.SUCCESS(f"{len(told)} checked: all can be published."))

    def is_well(self, told: Told) -> bool:
        problems = problems_of(told.graph, told.plan)
        for problem in problems:
            mark = "-" if problem.is_warning else "!"
            self.stdout.write(f"{mark} {told.label}: {located(problem)}")
        return not errors(problems)

    def diff(self, options: dict[str, Any]) -> None:
        before, after = _pair(options["before"], options["after"])
        changes = changes_between(before.graph, after.graph)
        if not changes:
            self.stdout.write(f"Nothing differs between {before.label} and {after.label}.")
            return
        self.write_changes(changes)
        raise CommandError(f"{before.label} and {after.label} differ.", returncode=DIFFERENT)

    def write_changes(self, changes: Iterable[Change]) -> None:
        for change in changes:
            self.stdout.write(f"- {change.text}")
            for detail in change.details:
                self.stdout.write(f"    {detail}")

    def load(self, options: dict[str, Any]) -> None:
        """All files are read before the first is written."""
        previews = [preview(read_file(bytes_of(path))) for path in options["files"]]
        _refuse_twice(previews)
        for one in previews:
            self.tell(one)
            if not options["dry_run"]:
                self.save(one, is_published=options["publish"])

    def tell(self, one: Preview) -> None:
        name = one.content.name
        if one.scenario is None:
            self.stdout.write(f"“{name}” is new.")
        elif not one.is_needed:
            self.stdout.write(f"“{name}” says the same already.")
        else:
            self.stdout.write(f"“{name}” changes:")
            self.write_changes(one.changes)
        for problem in one.problems:
            self.stdout.write(f"{'-' if problem.is_warning else '!'} {located(problem)}")

    def save(self, one: Preview, *, is_published: bool) -> None:
        scenario = save_draft(one.content, seen=one.seen)
        if is_published:
            saved = Scenario.objects.get(pk=scenario.pk)
            (saved.latest_revision or saved.save_revision()).publish()
            self.stdout.write(self.style.SUCCESS(f"“{scenario}” is published."))
        else:
            self.stdout.write(f"The draft of “{scenario}” is saved.")

    def dump(self, options: dict[str, Any]) -> None:
        told = [find(words) for words in options["names"]] or list(everything())
        folder = options["to"]
        if folder is None and len(told) != 1:
            raise CommandError("Name one scenario, or a folder with --to.", returncode=TROUBLE)
        if folder is None:
            self.stdout.write(export(told[0].name, told[0].graph), ending="")
            return
        folder.mkdir(parents=True, exist_ok=True)
        failed = sum(not self.dumped(one, path) for one, path in zip(told, _paths(folder, told), strict=True))
        if failed:
            raise CommandError(f"{failed} of {len(told)} couldn’t be written.", returncode=TROUBLE)

    def dumped(self, told: Told, path: Path) -> bool:
        """Write one file; what can't be said as text is told, and the others go on."""
        try:
            path.write_text(export(told.name, told.graph), encoding="utf-8")
        except NotExportable as refusal:
            for problem in refusal.problems:
                self.stdout.write(f"! {told.label}: {located(problem)}")
            return False
        self.stdout.write(f"{told.label} → {path}")
        return True


def _paths(folder: Path, told: Iterable[Told]) -> Iterator[Path]:
    """A file name for each, no two alike."""
    used: set[str] = set()
    for one in told:
        name = base = slugify(one.name) or "scenario"
        number = 1
        while name in used:
            number += 1
            name = f"{base}-{number}"
        used.add(name)
        yield folder / f"{name}.yaml"


def _pair(before: str, after: str | None) -> tuple[Told, Told]:
    """One alone: a file is compared with the draft of its scenario, a scenario's draft with what is live."""
    if after is not None:
        return find(before), find(after)
    told = find(before)
    scenario = by_name(told.name)
    if scenario is None:
        raise NotFound(f"There is no scenario called “{told.name}” to compare with.")
    return (of(scenario, LIVE), told) if told.label == f"{told.name}@{DRAFT}" else (of(scenario, DRAFT), told)


def _refuse_twice(previews: list[Preview]) -> None:
    names = [one.content.name for one in previews]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise NotFound(f"Two files hold “{twice[0]}”: load one of them.")
