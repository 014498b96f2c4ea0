"""Settings of the example site: a demonstration for one person at one machine, never for the open network.

`PORT`, `DATABASE_URL`, `REDIS_URL`, `SMTP_PORT` and `EXAMPLE_SITE_DATA` (the folder of all that it makes) are honoured.
"""

import os
import secrets

from pathlib import Path

from example_site.database import from_url, sqlite
from example_site.mail import email_settings


BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("EXAMPLE_SITE_DATA") or BASE_DIR / "var" / "demo")
DATA_DIR.mkdir(parents=True, exist_ok=True)

PORT = int(os.environ.get("PORT") or 8000)


def _secret_key() -> str:
    """A key of this machine's own, made at the first start: a known key would let anyone sign in."""
    path = DATA_DIR / "secret_key"
    if not path.exists():
        path.write_text(secrets.token_urlsafe(50), encoding="ascii")
        path.chmod(0o600)
    return path.read_text(encoding="ascii")


def _smtp_port() -> int:
    """Where the running demo's mail server is; kept, so that a command in another terminal finds it too."""
    path = DATA_DIR / "smtp_port"
    if told := os.environ.get("SMTP_PORT"):
        # In one go: the processes of the demo start together, and each of them comes here.
        written = path.with_name(f"smtp_port.{os.getpid()}")
        written.write_text(told, encoding="ascii")
        written.replace(path)
        return int(told)
    return int(path.read_text(encoding="ascii")) if path.exists() else 2525


DEBUG = True
SMTP_PORT = _smtp_port()
SECRET_KEY = _secret_key()
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
ROOT_URLCONF = "example_site.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "example_site",
    "wagtail_flows",
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
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

AUTHENTICATION_BACKENDS = ["example_site.auth.LoopbackBackend"]
# Another demo, or the site you develop, may run beside this one on another port of the same host.
SESSION_COOKIE_NAME = f"example_site_{PORT}"
CSRF_COOKIE_NAME = f"example_site_csrf_{PORT}"

DATABASE_URL = os.environ.get("DATABASE_URL", "")
DATABASES = {"default": from_url(DATABASE_URL) if DATABASE_URL else sqlite(DATA_DIR / "db.sqlite3")}
# On disk, so that the processes of the demo share it.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": DATA_DIR / "cache"}}

# The queue. Without Redis the tasks wait in the database.
TASKS = {"default": {"BACKEND": "wagtail_flows.contrib.django_q2.backend.DjangoQ2Backend"}}
REDIS_URL = os.environ.get("REDIS_URL", "")
Q_CLUSTER = {
    "name": "example_site",
    "label": "Queue",
    "workers": 2,
    "queue_limit": 4,
    "bulk": 4,
    "timeout": 300,
    "retry": 1800,
    "max_attempts": 3,
    "catch_up": False,
    "save_limit": 100,
    "recycle": 200,
    "poll": 0.5,
    **({"redis": REDIS_URL} if REDIS_URL else {"orm": "default"}),
}

# Mail goes to the demo's own server, which keeps it for /inbox/.
globals().update(email_settings(SMTP_PORT))
DEFAULT_FROM_EMAIL = "Atelier Łuczak <hello@atelier-luczak.example>"
INBOX_DIR = DATA_DIR / "inbox"

LANGUAGE_CODE = "en"
LANGUAGES = WAGTAIL_CONTENT_LANGUAGES = [("en", "English"), ("fr", "Français")]
WAGTAIL_I18N_ENABLED = True
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Paris"
LOCALE_PATHS = [BASE_DIR / "example_site" / "locale"]

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"

WAGTAIL_SITE_NAME = "Atelier Łuczak"
# Pictures of people would come from a server elsewhere.
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAILADMIN_BASE_URL = f"http://localhost:{PORT}"
DEMO_SHOP = "Atelier Łuczak"
# The demo shop lives on this machine, and its signing keys are read from there.
FLOWS_ALLOW_PRIVATE_ADDRESSES = True
# `flows_tick --until-idle --now 2030-01-01` shows what the scenarios would do by then.
FLOWS_ALLOW_CLOCK = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(name)s: %(message)s", "datefmt": "%H:%M:%S"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "wagtail_flows": {"level": "INFO"},
        # Its own handler would say everything twice.
        "django": {"handlers": [], "level": "WARNING"},
        "django.request": {"level": "ERROR"},
        "django.server": {"handlers": [], "level": "ERROR", "propagate": False},
    },
}
