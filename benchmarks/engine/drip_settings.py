"""A site with django-drip-campaigns and nothing else."""

import os

from example_site.database import from_url
from example_site.mail import email_settings


SECRET_KEY = "only for measuring"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "drip"]
DATABASES = {"default": from_url(os.environ["DATABASE_URL"])}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
USE_TZ = True
TIME_ZONE = "Europe/Paris"
DEFAULT_FROM_EMAIL = "Atelier <hello@example.org>"
globals().update(email_settings(int(os.environ["SMTP_PORT"])))
