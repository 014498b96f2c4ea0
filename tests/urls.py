"""Addresses of the test site: the admin, the public pages of wagtail_flows, and Wagtail's pages."""

from importlib.util import find_spec

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls


urlpatterns = [
    path("admin/", include(wagtailadmin_urls)),
    path("anymail/", include("anymail.urls")),
    path("documents/", include(wagtaildocs_urls)),
    *([path("flows/", include("wagtail_flows.urls"))] if find_spec("wagtail_flows.urls") else []),
    *i18n_patterns(path("", include(wagtail_urls)), prefix_default_language=False),
]
