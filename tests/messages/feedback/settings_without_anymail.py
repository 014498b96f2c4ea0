"""A site that sends over SMTP and has no anymail."""

import sys

from tests.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS as ALL


# As if it weren't installed: importing it is an error.
sys.modules["anymail"] = None
INSTALLED_APPS = [app for app in ALL if app != "anymail"]
ROOT_URLCONF = "wagtail_flows.urls"
