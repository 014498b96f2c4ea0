"""Settings of the test suite.

`DATABASE_URL` chooses the database (default: a SQLite file of this process), `REDIS_URL` names a Redis server that may
be used, `SMTP_PORT` one on this machine that gets the mail (default: Django's outbox in memory).
"""

import os
import tempfile

from pathlib import Path

import django

from example_site.database import from_url, sqlite
from example_site.mail import email_settings


BASE_DIR = Path(__file__).resolve().parent.parent
SCRATCH = Path(tempfile.gettempdir()) / f"wagtail_flows-{os.getpid()}"

DEBUG = False
SECRET_KEY = "only for the tests"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "tests.urls"
WSGI_APPLICATION = None
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

INSTALLED_APPS = [
    "example_site",
    "tests.formsite",
    "wagtail_flows",
    "wagtail.contrib.forms",
    "wagtail.contrib.settings",
    "wagtail.contrib.simple_translation",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "django_q",
    "anymail",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]
INSTALLED_APPS.insert(1, "wagtail.contrib.redirects")

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wagtail.contrib.settings.context_processors.settings",
            ],
        },
    },
]

DATABASE_URL = os.environ.get("DATABASE_URL", "")
DATABASES = {"default": from_url(DATABASE_URL) if DATABASE_URL else sqlite(f"{SCRATCH}.sqlite3")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A real file, so that threads and other processes see the same rows as the test.
    DATABASES["default"]["TEST"] = {"NAME": f"{SCRATCH}-test.sqlite3"}
elif "PREPARE" not in os.environ:
    # Prepared statements go past the wrappers by which tests watch and break what the database is asked. The workers
    # of the storm have them, like a site in earnest.
    del DATABASES["default"]["OPTIONS"]

REDIS_URL = os.environ.get("REDIS_URL", "")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# Wagtail's own tasks run at once; ours are only noted down, and the tests ring the bell themselves.
_tasks = "django.tasks" if django.VERSION >= (6, 0) else "django_tasks"
TASKS = {
    "default": {"BACKEND": f"{_tasks}.backends.immediate.ImmediateBackend"},
    "flows": {"BACKEND": f"{_tasks}.backends.dummy.DummyBackend", "QUEUES": []},
}

globals().update(email_settings(int(os.environ.get("SMTP_PORT", "0"))))
DEFAULT_FROM_EMAIL = "Atelier <hello@example.org>"
# What providers show when they report.
ANYMAIL = {"WEBHOOK_SECRET": "provider:secret"}

Q_CLUSTER = {
    "name": "tests",
    "orm": "default",
    "workers": 1,
    "queue_limit": 2,
    "timeout": 120,
    "retry": 600,
    "max_attempts": 3,
    "catch_up": False,
    "save_limit": 100,
    "poll": 0.2,
}

LANGUAGE_CODE = "en"
LANGUAGES = WAGTAIL_CONTENT_LANGUAGES = [("en", "English"), ("fr", "French"), ("pl", "Polish")]
WAGTAIL_I18N_ENABLED = True
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Paris"

STATIC_URL = "/static/"
STATIC_ROOT = f"{SCRATCH}-static"
MEDIA_URL = "/media/"
MEDIA_ROOT = f"{SCRATCH}-media"

WAGTAIL_SITE_NAME = "wagtail_flows tests"
WAGTAILADMIN_BASE_URL = "http://testserver"

FLOWS_ALLOW_CLOCK = True
# True of the tests, and meant: they ring the bell themselves, and read the mail in memory.
SILENCED_SYSTEM_CHECKS = ["wagtail_flows.W002", "wagtail_flows.W005"]
FLOWS_TASK_BACKEND = "flows"
