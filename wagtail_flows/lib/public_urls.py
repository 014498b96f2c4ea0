"""Absolute addresses for links in mails, where there is no request to take the host from."""

from __future__ import annotations

from urllib.parse import urljoin

from wagtail.models import Site

from wagtail_flows.conf import conf
from wagtail_flows.exceptions import FlowsError


class NoPublicAddress(FlowsError):
    """Links need a host: make a default site in Settings → Sites, or set FLOWS_BASE_URL."""


def absolute_url(path: str, site: Site | None = None) -> str:
    """Put the host before `path`: that of the site given, else FLOWS_BASE_URL, else that of the default site."""
    return urljoin(root_url(site) + "/", path)


def root_url(site: Site | None = None) -> str:
    """Scheme and host, without a slash at the end."""
    if site is not None:
        return str(site.root_url)
    if conf.BASE_URL:
        return conf.BASE_URL.rstrip("/")
    default = Site.objects.filter(is_default_site=True).first()
    if default is None:
        raise NoPublicAddress(NoPublicAddress.__doc__)
    return str(default.root_url)
