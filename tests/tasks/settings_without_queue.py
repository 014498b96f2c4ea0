"""A site that has no queue at all."""

from tests.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS as ALL


INSTALLED_APPS = [app for app in ALL if app != "django_q"]
FLOWS_TASK_BACKEND = "default"
