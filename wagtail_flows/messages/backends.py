"""Which mail backends the site's settings name."""

from __future__ import annotations

import django

from django.conf import settings


SMTP = "django.core.mail.backends.smtp.EmailBackend"


def named_backends() -> set[str]:
    """Their dotted paths: of each entry of MAILERS (Django 6.1 and later), else of EMAIL_BACKEND."""
    mailers = getattr(settings, "MAILERS", None) if django.VERSION >= (6, 1) else None
    if mailers:
        return {mailer.get("BACKEND", "") for mailer in mailers.values()}
    return {settings.EMAIL_BACKEND}
