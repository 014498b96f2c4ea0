"""The settings that send mail to one SMTP server of this machine, as the Django in use names them."""

from typing import Any

import django


SMTP = "django.core.mail.backends.smtp.EmailBackend"
MEMORY = "django.core.mail.backends.locmem.EmailBackend"


def email_settings(port: int) -> dict[str, Any]:
    """Send to 127.0.0.1:`port`; keep in memory where port is 0. Django 6.1 replaced EMAIL_* by MAILERS."""
    backend = SMTP if port else MEMORY
    if django.VERSION < (6, 1):
        return {"EMAIL_BACKEND": backend, "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": port, "EMAIL_TIMEOUT": 10}
    options = {"host": "127.0.0.1", "port": port, "timeout": 10} if port else {}
    return {"MAILERS": {"default": {"BACKEND": backend, "OPTIONS": options}}}
