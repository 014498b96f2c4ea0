"""A page that is published below the chosen one brings in the audience, once."""

from __future__ import annotations

import pytest

from wagtail.models import Page, Site

from tests.drawing import scenario
from tests.engine.everything.crashes import dying_at
from wagtail_flows.engine import publications
from wagtail_flows.engine.models import Enrollment, PagePublication
from wagtail_flows.lib import clock
from wagtail_flows.scenarios.graph import dump, parse, read
from wagtail_flows.scenarios.publishing import problems_of


FRENCH = {"match": "all", "rules": [{"field": "contact.locale", "operator": "is", "value": "fr"}]}


def graph(audience=True, **fields) -> dict:
    drawn = {**scenario("placed > send thanks"), "triggers": [{"id": "t1", "kind": "page_published", **fields}]}
    return {**drawn, "audience": {"rule": FRENCH}} if audience else drawn


def publish_page(story, parent: Page, title: str) -> Page:
    page = parent.add_child(instance=Page(title=title, live=False))
    with clock.moved(story.now):
        page.save_revision().publish()
    return page


def follow_up(story) -> int:
    with clock.moved(story.now):
        return publications.let_in_audiences(story.now)


@pytest.fixture
def home(wagtail_site) -> Page:
    return Site.objects.get(is_default_site=True).root_page


@pytest.mark.django_db
def test_the_audience_comes_in_once_for_each_page_below(story, home, settings):
    settings.FLOWS_BATCH_SIZE = 2
    news = publish_page(story, home, "News")
    other = publish_page(story, home, "Other")
    story.publish_graph(graph(below=news.pk))
    for number in range(5):
        story.contact(f"person{number}", locale="fr")
    story.contact("bob", locale="en")
    publish_page(story, other, "Elsewhere")
    assert publications.next_due(story.now) is None
    page = publish_page(story, news, "We have tea")
    assert publications.next_due(story.now) == story.now
    assert follow_up(story) == 5
    assert not PagePublication.objects.exists()
    one = Enrollment.objects.first()
    assert (one.subject, one.entry_key, one.data["title"]) == (f"page:{page.pk}", f"page:{page.pk}", "We have tea")
    story.run()
    with clock.moved(story.now):
        page.save_revision().publish()
    assert follow_up(story) == 0
    publish_page(story, page, "Further below")
    assert follow_up(story) == 5


@pytest.mark.django_db
def test_a_crash_at_any_statement_leaves_nobody_out(story, home, settings):
    settings.FLOWS_BATCH_SIZE = 2
    story.publish_graph(graph())
    for number in range(5):
        story.contact(f"person{number}", locale="fr")
    publish_page(story, home, "News")
    deaths = sum(dying_at(statement, lambda: follow_up(story)) for statement in range(1, 40))
    assert 10 < deaths < 39, "it has come to its end"
    assert Enrollment.objects.count() == 5
    assert not PagePublication.objects.exists()


@pytest.mark.django_db
def test_nobody_comes_in_when_it_was_unpublished_meanwhile(story, home):
    made = story.publish_graph(graph())
    story.contact("alice", locale="fr")
    publish_page(story, home, "News")
    made.unpublish()
    assert follow_up(story) == 0
    assert not PagePublication.objects.exists()


@pytest.mark.django_db
def test_a_page_names_nobody_so_an_audience_is_needed_and_the_page_must_exist(home):
    assert [(one.step, one.code) for one in problems_of(graph(audience=False), {}) if one.step == "t1"] == [
        ("t1", "audience_missing")
    ]
    found = [(one.field, one.code) for one in problems_of(graph(below=999_999), {}) if one.step == "t1"]
    assert found == [("below", "unknown_page")]
    told = parse(graph(below=home.pk)).triggers[0]
    assert told.references()


def test_it_is_written_as_it_was_read():
    assert dump(parse(graph(below=7)))["triggers"] == [
        {"id": "t1", "kind": "page_published", "below": 7, "reentry": "once_per_subject"}
    ]
    assert [one.field for one in read(graph(below="news")).problems] == ["below"]
