"""System checks of what providers report."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Info, Tags, Warning, register  # noqa: A004  (Django's own name)
from django.urls import get_resolver

from wagtail_flows.messages.backends import named_backends


ANYMAIL = "anymail.backends."
# They send nothing, so nobody reports.
NOT_PROVIDERS = frozenset({"console", "test"})
# Their webhooks are known by the secret alone; the others sign, or may be told to.
ONLY_THE_SECRET = frozenset({"amazon_ses", "brevo", "mailjet", "postmark", "sendinblue", "sparkpost"})


@register(Tags.urls)
def providers_can_report(**kwargs: Any) -> list[CheckMessage]:
    """I001: a provider sends, and what it reports isn't heard. W013: strangers may report in its name."""
    providers = _providers()
    if not providers:
        return []
    if not _is_heard():
        return [
            Info(
                f"What {', '.join(sorted(providers))} could report isn't heard: bounces, complaints, opens, clicks.",
                hint='Add "anymail" to INSTALLED_APPS and path("anymail/", include("anymail.urls")) to the site\'s '
                "URLs, then name that address to the provider.",
                id="wagtail_flows.I001",
            )
        ]
    return list(_unprotected(providers))


def _unprotected(providers: set[str]) -> Iterator[CheckMessage]:
    open_ones = sorted(providers & ONLY_THE_SECRET)
    if open_ones and not _has_secret():
        yield Warning(
            f"Anybody may report in the name of {', '.join(open_ones)}, and suppress addresses by it.",
            hint='Set ANYMAIL = {"WEBHOOK_SECRET": "a-long-name:and-a-long-password"}, and put both into the address '
            "that the provider is given: https://name:password@…",
            id="wagtail_flows.W013",
        )


def _providers() -> set[str]:
    backends = {one for one in named_backends() if one.startswith(ANYMAIL)}
    return {one.removeprefix(ANYMAIL).partition(".")[0] for one in backends} - NOT_PROVIDERS


def _is_heard() -> bool:
    has_urls = bool(getattr(settings, "ROOT_URLCONF", None)) and "anymail" in get_resolver().app_dict
    return has_urls and apps.is_installed("anymail")


def _has_secret() -> bool:
    named = getattr(settings, "ANYMAIL", {}).get("WEBHOOK_SECRET")
    return bool(named or getattr(settings, "ANYMAIL_WEBHOOK_SECRET", None))
