from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from example_site.seeds import seed


class Command(BaseCommand):
    help = "Fill the example site with pages, a login and lists. What is there already stays as it is."

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            seed()
