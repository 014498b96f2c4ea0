"""No word of ours is left in English where somebody reads French."""

import gettext
import re

from html.parser import HTMLParser
from pathlib import Path

import pytest

from wagtail.users.models import UserProfile

import wagtail_flows

from tests.admin.test_permissions import addresses


CATALOGUE = Path(wagtail_flows.__file__).parent / "locale/fr/LC_MESSAGES/django.mo"
# Shown as it was written: e-mails in their own language, files, and what isn't HTML.
WRITTEN = {"sample", "preview_on_edit", "revisions_view", "count", "catalogue", "references"}
SILENT = {"script", "style", "pre", "code", "textarea", "template"}
SPOKEN = {"alt", "aria-label", "placeholder", "title", "value"}
HOLE = re.compile(r"%\(\w+\)[sd]")
WORD = re.compile(r"\w{2,}")


class Said(HTMLParser):
    """Each stretch of text between two tags, and what attributes say."""

    def __init__(self):
        super().__init__()
        self.silence, self.texts = [], set()

    def handle_starttag(self, tag, attrs):
        if tag in SILENT:
            self.silence.append(tag)
        # What buttons are called; other inputs have values of the data.
        spoken = SPOKEN if tag == "button" or dict(attrs).get("type") == "submit" else SPOKEN - {"value"}
        self.texts |= {plain(value) for name, value in attrs if name in spoken and value}

    def handle_endtag(self, tag):
        if self.silence and self.silence[-1] == tag:
            self.silence.pop()

    def handle_data(self, data):
        if not self.silence:
            self.texts.add(plain(data))


def plain(text):
    return " ".join(text.split()).casefold()


def said(html):
    parser = Said()
    parser.feed(html)
    # “none” is what Python calls nothing, in attributes of Wagtail's.
    return parser.texts - {"", "none"}


@pytest.fixture(scope="module")
def english():
    """(words that stand alone, patterns of sentences with holes) of ours that French says differently."""
    with CATALOGUE.open("rb") as file:
        entries = gettext.GNUTranslations(file)._catalog.items()
    sources = {(key[0] if isinstance(key, tuple) else key).split("\x04")[-1]: said for key, said in entries if key}
    differing = {plain(source) for source, said in sources.items() if plain(source) != plain(said)}
    with_holes = {source for source in differing if HOLE.search(source) and len(WORD.findall(HOLE.sub("", source))) > 1}
    patterns = [re.escape(source) for source in with_holes]
    holes = re.compile("|".join(re.sub(r"%\\\(\w+\\\)[sd]", ".+", pattern) for pattern in patterns))
    return {source for source in differing if not HOLE.search(source)}, holes


@pytest.fixture
def french_client(client, admin_user):
    profile = UserProfile.get_for_user(admin_user)
    profile.preferred_language = "fr"
    profile.save()
    client.force_login(admin_user)
    return client


def named(world):
    """What the things of this world are called isn't translated."""
    names = ("name", "label", "subject", "note")
    return {plain(str(value)) for row in vars(world).values() for name in names if (value := getattr(row, name, ""))}


def test_every_page_speaks_french(french_client, world, english):
    words, sentences = english
    left = set()
    for name, url in addresses(world):
        answer = french_client.get(url)
        if name in WRITTEN or answer.status_code not in {200, 409} or "html" not in answer["Content-Type"]:
            continue
        texts = said(answer.text) - named(world)
        left |= {(url, text) for text in texts if text in words or sentences.fullmatch(text)}
    assert left == set()


def test_pages_are_listened_to_properly(english):
    words, sentences = english
    texts = said('<p title="Suppress">Wait<script>Exit</script></p><a>The\n line</a><b>Go on with step 2</b>')
    assert texts == {"suppress", "wait", "the line", "go on with step 2"}
    assert {text for text in texts if text in words} == {"suppress", "wait"}
    assert {text for text in texts if sentences.fullmatch(text)} == {"go on with step 2"}
