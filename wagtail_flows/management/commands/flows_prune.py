"""flows_prune: prune now what the policy lets go, instead of a little each day."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from wagtail_flows.lib import clock, pruning


class Command(BaseCommand):
    help = (
        "Delete history that is older than the settings FLOWS_KEEP_… allow. Runners do the same by themselves, a "
        "little each day; this does all of it now, in short transactions. It may be stopped at any time."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        for prunable in pruning.all_prunables():
            days = prunable.days()
            if days is None:
                self.stdout.write(f"{prunable.name}: kept for ever")
                continue
            pruned = pruning.prune_all(prunable, clock.now())
            self.stdout.write(f"{prunable.name}: {pruned} pruned" + (f", kept for {days} days" if days else ""))
