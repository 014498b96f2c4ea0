"""By which names people call what a graph refers to, when a scenario goes from one site to another.

`register` teaches one more kind of thing. What isn't registered and is known to rules of segments
(`segments.references`) is called by its label there; what neither knows (kinds of event, properties) has a name that
is its key.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from django.apps import apps
from django.db.models import Case, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail.models import Locale, Page, Site

from wagtail_flows.segments import references


MOST_ALIKE = 3


@dataclass(frozen=True)
class Namer:
    """One kind of thing. `rows()` gives (key, name) of each; a thing with several names has several rows, the one to
    use first.
    """

    label: str | Promise
    rows: Callable[[], Iterable[tuple[str, str]]]


@dataclass(frozen=True)
class Names:
    """All names of one kind of thing, looked up once."""

    keys: Mapping[str, frozenset[str]] = field(default_factory=dict)
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str]]) -> Names:
        keys: dict[str, set[str]] = defaultdict(set)
        names: dict[str, list[str]] = defaultdict(list)
        for key, name in rows:
            keys[name].add(key)
            names[key].append(name)
        return cls({name: frozenset(of) for name, of in keys.items()}, {key: tuple(of) for key, of in names.items()})

    def name(self, key: str) -> str | None:
        """The first of its names that no other has; None where there is none."""
        return next((name for name in self.names.get(key, ()) if len(self.keys[name]) == 1), None)

    def alike(self, name: str) -> list[str]:
        """The names most like this one."""
        usable = (self.name(key) for key in self.names)
        folded = {known.casefold(): known for known in usable if known is not None}
        return [folded[close] for close in get_close_matches(name.casefold(), folded, MOST_ALIKE)]


_registered: dict[str, Namer] = {}


def register(kind: str, namer: Namer) -> None:
    """Call things of this kind (a `Target`, or a kind that rules refer to) by these names."""
    _registered[kind] = namer


def namer_of(kind: str) -> Namer | None:
    """None: its key is its name."""
    if kind in _registered:
        return _registered[kind]
    referred = references.find(kind)
    if referred is None or not referred.is_checked:
        return None
    return Namer(referred.model._meta.verbose_name or kind, lambda: _labels(referred))


def _labels(referred: references.Referred) -> Iterable[tuple[str, str]]:
    for key, label in referred.rows().order_by(referred.label).values_list(referred.key, referred.label):
        yield str(key), str(label)


def _messages() -> Iterable[tuple[str, str]]:
    """By name, the site's main language before the others; where two share one, with the language: `Thanks [fr]`."""
    main = Locale.get_default().pk
    rows = apps.get_model("wagtail_flows", "Message")._default_manager.order_by(
        Case(When(locale_id=main, then=0), default=1), "locale__language_code", "pk"
    )
    found = list(rows.values_list("translation_key", "name", "locale__language_code"))
    yield from ((str(key), name) for key, name, _language in found)
    yield from ((str(key), f"{name} [{language}]") for key, name, language in found)


def _webhooks() -> Iterable[tuple[str, str]]:
    rows = apps.get_model("wagtail_flows", "WebhookEndpoint")._default_manager.order_by("name")
    yield from ((str(key), name) for key, name in rows.values_list("public_id", "name"))


def _pages() -> Iterable[tuple[str, str]]:
    """By their path below the root of their site; of other sites than the main one with the name of the host."""
    for site in Site.objects.select_related("root_page").order_by("-is_default_site", "hostname", "port"):
        root = site.root_page.url_path.rstrip("/")
        host = "" if site.is_default_site else f"{site.hostname}:{site.port}"
        rows = Page.objects.descendant_of(site.root_page, inclusive=True).order_by("path")
        yield from ((str(pk), host + path[len(root) :]) for pk, path in rows.values_list("pk", "url_path"))


register("message", Namer(_("e-mail"), _messages))
register("webhook", Namer(_("webhook endpoint"), _webhooks))
register("page", Namer(_("page"), _pages))
