"""The documentation holds: links lead somewhere, pictures are there and small, what is code can be used."""

from __future__ import annotations

import ast
import json
import re
import textwrap

from pathlib import Path

import pytest

from PIL import Image

from tests.browser.stage import LARGEST
from tests.browser.tutorial import TUTORIAL
from wagtail_flows.messages.liquid import FILTERS, TAGS
from wagtail_flows.messages.personalize import complaint
from wagtail_flows.scenarios.graph import read


ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md")])
PICTURES = sorted((DOCS / "images").glob("*.png"))
LINK = re.compile(r"\]\(([^)\s]+)\)")
BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)

# It has nothing to do with the database.
pytestmark = pytest.mark.once


def named(path):
    return str(path.relative_to(ROOT))


def links(page):
    return LINK.findall(CODE.sub("", page.read_text(encoding="utf-8")))


def blocks(page, language):
    found = BLOCK.findall(page.read_text(encoding="utf-8"))
    return [textwrap.dedent(text) for _indent, kind, text in found if kind == language]


def anchors(page):
    """What GitHub makes of the headings."""
    headings = re.findall(r"^#+ (.*)$", CODE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_leads_somewhere(page):
    for link in links(page):
        path, _, anchor = link.partition("#")
        if link.startswith(("http://", "https://")):
            continue
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert ROOT in target.parents, link
        assert not anchor or anchor in anchors(target), link


def test_every_page_is_in_the_index():
    listed = {(DOCS / link.partition("#")[0]).resolve() for link in links(DOCS / "README.md") if "://" not in link}
    kept = {page for page in PAGES if page.parent in {DOCS, DOCS / "how-to", DOCS / "reference"}}
    assert kept - {DOCS / "README.md"} <= listed


def test_every_picture_is_used_small_and_as_wide_as_the_others():
    used = {(page.parent / link).resolve() for page in PAGES for link in links(page) if link.endswith(".png")}
    assert set(PICTURES) == used
    for picture in PICTURES:
        assert picture.stat().st_size <= LARGEST, picture.name
        with Image.open(picture) as opened:
            assert opened.width == 1280, picture.name


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_python_in_the_documentation_is_python(page):
    for text in blocks(page, "python"):
        ast.parse(text.replace("…", "..."))


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "json")], ids=named)
def test_json_in_the_documentation_is_json_and_graphs_can_be_read(page):
    for text in blocks(page, "json"):
        found = json.loads(text)
        if "steps" in found:
            assert read(with_identifiers(found)).problems == ()


def with_identifiers(graph):
    """The graph with an identifier where the page has a word in capitals that stands for one."""
    text = re.sub(r'"[A-Z]+(-[A-Z]+)+"', '"5f0c8f0e-6d3a-4c1e-9a57-3f1d2b7c9e10"', json.dumps(graph))
    return json.loads(text)


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "liquid")], ids=named)
def test_liquid_in_the_documentation_can_be_used(page):
    assert [complaint(text) for text in blocks(page, "liquid")] == [""] * len(blocks(page, "liquid"))


def test_every_filter_and_tag_is_named_where_e_mails_are_explained():
    text = (DOCS / "how-to" / "write-an-email.md").read_text(encoding="utf-8")
    named_there = set(re.findall(r"`([a-z_]+)`", text))
    assert named_there >= FILTERS
    assert {tag for tag in TAGS if tag.isalpha()} <= named_there


def test_the_tutorial_has_one_graph():
    assert len(blocks(TUTORIAL, "json")) == 1
