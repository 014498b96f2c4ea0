"""flows_doctor: say what isn't well, and what to do about it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from wagtail_flows.engine.models import Enrollment
from wagtail_flows.lib import attention, clock
from wagtail_flows.lib.attention import Finding, Severity, count_some, in_words
from wagtail_flows.messages.models import Delivery


class Command(BaseCommand):
    help = "Look for what isn't well: no runner, work overdue, people or e-mails in doubt. Exits with 1 if so."

    def handle(self, *args: Any, **options: Any) -> None:
        found = attention.findings(clock.now())
        ailments = [one for one in found if one.severity is not Severity.NOTE]
        self.stdout.write(f"- {_numbers()}")
        for note in found:
            if note.severity is Severity.NOTE:
                self.stdout.write(f"- {_line(note)}")
        for ailment in ailments:
            self.stdout.write(self.style.ERROR(f"! {_line(ailment)}"))
            self.stdout.write(f"  {ailment.advice}")
            if ailment.url:
                self.stdout.write(f"  {ailment.url}")
        if ailments:
            raise CommandError(f"{len(ailments)} thing(s) to look at.")
        self.stdout.write(self.style.SUCCESS("All is well."))


def _numbers() -> str:
    inside = count_some(Enrollment.objects.inside())
    waiting = count_some(Delivery.objects.filter(status=Delivery.Status.QUEUED))
    return f"{in_words(inside)} people are inside scenarios; {in_words(waiting)} e-mails are queued."


def _line(finding: Finding) -> str:
    """The text, and since when by the site's clock."""
    if finding.since is None:
        return finding.text
    return f"{finding.text} (since {timezone.localtime(finding.since):%Y-%m-%d %H:%M})"
