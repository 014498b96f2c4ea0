"""System checks: what is set up badly is said before an e-mail is lost by it.

`manage.py check` and the start of the site run them. Each check is one function and looks at settings only, never at
rows.
"""

from collections.abc import Iterator
from typing import Any

import django

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004  (Django's own name)
from django.urls import get_resolver

from wagtail_flows.conf import PREFIX, Settings, conf
from wagtail_flows.messages.backends import named_backends


# Backends that take an e-mail and send it nowhere.
NOT_A_TRANSPORT = frozenset(
    f"django.core.mail.backends.{name}.EmailBackend" for name in ("console", "dummy", "filebased", "locmem")
)
# Greeting, EHLO, MAIL, RCPT, DATA, content: each may take as long as the timeout lets it.
ANSWERS_PER_MAIL = 6
# django-q2's own default, in seconds.
DJANGO_Q2_RETRY = 60


@register()
def settings_are_well_formed(**kwargs: Any) -> list[CheckMessage]:
    """E001: a FLOWS_ setting has a wrong type or is out of bounds. W001: nobody reads a setting of that name."""
    return [*_wrong_values(), *_unknown_names()]


def _wrong_values() -> Iterator[CheckMessage]:
    for declared in Settings.declared():
        problem = declared.problem(getattr(settings, declared.name, declared.default))
        if problem:
            yield Error(f"{declared.name} {problem}.", hint=declared.help_text, id="wagtail_flows.E001")


def _unknown_names() -> Iterator[CheckMessage]:
    known = {declared.name for declared in Settings.declared()}
    for name in sorted(dir(settings)):
        if name.startswith(PREFIX) and name not in known:
            yield Warning(
                f"{name} isn't a setting of wagtail_flows.",
                hint="Look for a typing error; the settings are listed in the documentation.",
                id="wagtail_flows.W001",
            )


@register()
def a_lease_outlasts_the_mail_server(**kwargs: Any) -> list[CheckMessage]:
    """E002: a worker would lose its reservation while the mail server, or another receiver, may still answer. W010: it
    might, if each of the server's answers (greeting, sender, recipient, content …) took as long as it may.
    """
    lease, timeout = conf.LEASE_SECONDS, conf.EMAIL_TIMEOUT
    timeouts = (timeout, conf.CALL_TIMEOUT)
    if _is_number(lease) and all(map(_is_number, timeouts)) and lease < 2 * max(timeouts):
        return [
            Error(
                "FLOWS_LEASE_SECONDS must be at least twice FLOWS_EMAIL_TIMEOUT and FLOWS_CALL_TIMEOUT.",
                hint="Otherwise a second worker may take what a slow mail server is still accepting from the first.",
                id="wagtail_flows.E002",
            )
        ]
    if _is_number(lease) and _is_number(timeout) and lease < ANSWERS_PER_MAIL * timeout:
        return [
            Warning(
                f"FLOWS_LEASE_SECONDS should be at least {ANSWERS_PER_MAIL} times FLOWS_EMAIL_TIMEOUT.",
                hint="A mail server that is slow in each of its answers would outlast the lease, and leave doubt.",
                id="wagtail_flows.W010",
            )
        ]
    return []


def _is_number(value: object) -> bool:
    return isinstance(value, int)


@register()
def events_that_must_stay(**kwargs: Any) -> list[CheckMessage]:
    """E005: FLOWS_KEEP_EVENTS_DAYS isn't kinds with days. W011: it names kinds that would happen again."""
    kept = conf.KEEP_EVENTS_DAYS
    if not isinstance(kept, dict) or not all(type(days) is int and days >= 1 for days in kept.values()):
        told = "FLOWS_KEEP_EVENTS_DAYS must name kinds of events with a number of days, at least 1, each."
        return [Error(told, hint='Such as {"page.viewed": 400}.', id="wagtail_flows.E005")]
    shops = sorted(kind for kind in kept if str(kind).startswith("order."))
    if not shops:
        return []
    return [
        Warning(
            f"FLOWS_KEEP_EVENTS_DAYS names {', '.join(shops)}.",
            hint="An event that is gone happens again when a shop tells of an old order once more: leave these out.",
            id="wagtail_flows.W011",
        )
    ]


@register()
def the_bell_can_ring(**kwargs: Any) -> list[CheckMessage]:
    """E003: the task backend doesn't exist. W002: it runs tasks at once, or never, so that nothing rings the bell."""
    backend = _task_backend()
    if backend is None:
        return [
            Error(
                f"FLOWS_TASK_BACKEND names {conf.TASK_BACKEND!r}, which TASKS doesn't have.",
                hint="Add it to TASKS, or let FLOWS_TASK_BACKEND name an entry that is there.",
                id="wagtail_flows.E003",
            )
        ]
    if backend.endswith((".ImmediateBackend", ".DummyBackend")) and not _is_stood_in_for(backend):
        return [
            Warning(
                "No task is run later, so the bell of wagtail_flows is silent: nothing happens by itself.",
                hint="Configure django-q2 as its backend, or keep `manage.py flows_tick --forever` running.",
                id="wagtail_flows.W002",
            )
        ]
    return []


def _task_backend() -> str | None:
    """The dotted path behind FLOWS_TASK_BACKEND; without TASKS the default is Django's immediate backend."""
    tasks = getattr(settings, "TASKS", None) or {"default": {"BACKEND": "django.tasks.backends.ImmediateBackend"}}
    return tasks.get(conf.TASK_BACKEND, {}).get("BACKEND")


def _is_stood_in_for(backend: str) -> bool:
    """Where django-q2 is installed, it runs our tasks instead of an immediate backend (see `tasks.queue_backend`)."""
    return backend.endswith(".ImmediateBackend") and apps.is_installed("django_q")


@register()
def django_q2_is_patient(**kwargs: Any) -> list[CheckMessage]:
    """W003: django-q2 would start a task again while it still runs. W004: it would kill a task that is well."""
    backend = _task_backend() or ""
    if not backend.startswith("wagtail_flows.contrib.django_q2.") and not _is_stood_in_for(backend):
        return []
    cluster = getattr(settings, "Q_CLUSTER", {})
    timeout = cluster.get("timeout")
    found: list[CheckMessage] = []
    if cluster.get("retry", DJANGO_Q2_RETRY) <= (timeout or conf.TICK_SECONDS):
        found.append(
            Warning(
                "Q_CLUSTER['retry'] must be greater than Q_CLUSTER['timeout'] and than FLOWS_TICK_SECONDS.",
                hint="Otherwise each long task is started a second time. 300 and 1800 are good values.",
                id="wagtail_flows.W003",
            )
        )
    if timeout is not None and timeout <= conf.TICK_SECONDS + conf.EMAIL_TIMEOUT:
        found.append(
            Warning(
                "Q_CLUSTER['timeout'] must be greater than FLOWS_TICK_SECONDS and FLOWS_EMAIL_TIMEOUT together.",
                hint="Otherwise a worker is killed while it hands an e-mail over, and that e-mail is left in doubt.",
                id="wagtail_flows.W004",
            )
        )
    return found


@register()
def mail_has_a_transport(**kwargs: Any) -> list[CheckMessage]:
    """E004: FLOWS_MAILERS names what isn't there. W005: e-mails go nowhere. W006: nobody is named as their sender."""
    return [*_unknown_mailers(), *_missing_transport(), *_missing_sender()]


def _unknown_mailers() -> Iterator[CheckMessage]:
    if not conf.MAILERS or not isinstance(conf.MAILERS, dict):
        return
    mailers = getattr(settings, "MAILERS", None) if django.VERSION >= (6, 1) else None
    missing = sorted(set(conf.MAILERS.values()) - set(mailers or {}))
    if missing:
        yield Error(
            f"FLOWS_MAILERS names {', '.join(missing)}, which MAILERS doesn't have.",
            hint="MAILERS is read by Django 6.1 and later; leave FLOWS_MAILERS out on earlier versions.",
            id="wagtail_flows.E004",
        )


def _missing_transport() -> Iterator[CheckMessage]:
    nowhere = sorted(NOT_A_TRANSPORT & named_backends())
    if nowhere and not settings.DEBUG:
        yield Warning(
            f"E-mails go to {', '.join(nowhere)}, which sends them to nobody.",
            hint="Configure an SMTP server or a provider (django-anymail).",
            id="wagtail_flows.W005",
        )


def _missing_sender() -> Iterator[CheckMessage]:
    if not conf.FROM_EMAIL and settings.DEFAULT_FROM_EMAIL == "webmaster@localhost":
        yield Warning(
            "E-mails would leave as webmaster@localhost.",
            hint="Set FLOWS_FROM_EMAIL or DEFAULT_FROM_EMAIL to an address of a domain that is yours.",
            id="wagtail_flows.W006",
        )


@register()
def sqlite_can_wait(**kwargs: Any) -> list[CheckMessage]:
    """W007: on SQLite, two processes that write at once would fail with "database is locked"."""
    options = settings.DATABASES["default"].get("OPTIONS", {})
    if not settings.DATABASES["default"]["ENGINE"].endswith(".sqlite3"):
        return []
    immediate = str(options.get("transaction_mode", "")).upper() == "IMMEDIATE"
    if immediate and "journal_mode=wal" in options.get("init_command", "").lower().replace(" ", ""):
        return []
    return [
        Warning(
            'SQLite isn\'t set up for several processes, which will fail with "database is locked".',
            hint='OPTIONS: {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": "PRAGMA journal_mode=WAL"}',
            id="wagtail_flows.W007",
        )
    ]


@register(Tags.urls)
def public_pages_have_an_address(**kwargs: Any) -> list[CheckMessage]:
    """W008: links in e-mails and shops' webhooks lead nowhere."""
    if not getattr(settings, "ROOT_URLCONF", None) or "wagtail_flows" in get_resolver().app_dict:
        return []
    return [
        Warning(
            "The public pages of wagtail_flows aren't in the site's URLs: confirmation links can't be made.",
            hint='Add path("flows/", include("wagtail_flows.urls")) before Wagtail\'s own line.',
            id="wagtail_flows.W008",
        )
    ]


@register()
def the_sender_can_be_edited(**kwargs: Any) -> list[CheckMessage]:
    """W009: the form for sender and postal address is Wagtail's, and its app isn't installed."""
    if apps.is_installed("wagtail.contrib.settings"):
        return []
    return [
        Warning(
            "The sender and the postal address of e-mails can't be edited in the admin.",
            hint='Add "wagtail.contrib.settings" to INSTALLED_APPS.',
            id="wagtail_flows.W009",
        )
    ]
