"""A file becomes a draft, and nothing else."""

import pytest

from tests.drawing import scenario as drawn
from wagtail_flows.lib import clock
from wagtail_flows.models import Scenario, ScenarioVersion
from wagtail_flows.scenarios.exchange import Content
from wagtail_flows.scenarios.graph import dump, parse
from wagtail_flows.scenarios.importing import NEW, NotImportable, draft_of, preview, save_draft


pytestmark = pytest.mark.django_db


def content(drawing: str = "list.subscribed > wait 3d", name: str = "Thanks") -> Content:
    return Content(name, dump(parse(drawn(drawing))))


@pytest.fixture
def published():
    scenario = Scenario.objects.create(name="Thanks", graph=content("list.subscribed > wait 1d").graph)
    scenario.save_revision().publish()
    return Scenario.objects.get()


def test_a_name_that_is_new_makes_a_scenario_that_is_not_published():
    told = preview(content())
    assert (told.scenario, told.seen, told.is_needed) == (None, NEW, True)
    made = save_draft(content(), seen=NEW)
    assert (made.live, made.current_version) == (False, None)
    assert draft_of(made).graph == content().graph
    assert not ScenarioVersion.objects.exists()


def test_a_known_name_changes_its_draft_and_what_runs_stays(published):
    told = preview(content())
    assert [change.text for change in told.changes] == ["“Wait 1 day” became “Wait 3 days”"]
    save_draft(content(), seen=told.seen)
    published.refresh_from_db()
    assert published.live
    assert published.has_unpublished_changes
    assert published.current_version.graph == content("list.subscribed > wait 1d").graph
    assert draft_of(published).graph == content().graph


def test_it_is_compared_with_the_draft_and_not_with_what_runs(published):
    save_draft(content(), seen=preview(content()).seen)
    assert preview(content()).changes == ()
    assert not preview(content()).is_needed


def test_the_same_file_twice_saves_once(published):
    save_draft(content(), seen=preview(content()).seen)
    before = published.revisions.count()
    save_draft(content(), seen=preview(content()).seen)
    assert published.revisions.count() == before


def test_a_draft_that_was_changed_meanwhile_is_not_overwritten(published):
    seen = preview(content()).seen
    save_draft(content("list.subscribed > wait 9d"), seen=seen)
    with pytest.raises(NotImportable, match="changed meanwhile"):
        save_draft(content(), seen=seen)
    published.refresh_from_db()
    assert draft_of(published).graph == content("list.subscribed > wait 9d").graph


def test_the_same_graph_in_another_form_is_the_same():
    graph = content().graph
    short = {**graph, "steps": [{name: value for name, value in step.items() if value} for step in graph["steps"]]}
    assert short != graph
    Scenario.objects.create(name="Thanks", graph=short)
    assert not preview(content()).is_needed


def test_two_who_make_the_same_scenario_make_one():
    save_draft(content(), seen=NEW)
    with pytest.raises(NotImportable, match="changed meanwhile"):
        save_draft(content("list.subscribed > wait 9d"), seen=NEW)
    assert Scenario.objects.count() == 1


def test_a_scenario_that_went_meanwhile_is_not_made_again(published):
    seen = preview(content()).seen
    published.name = "Another"
    published.save()
    with pytest.raises(NotImportable, match="deleted or renamed"):
        save_draft(content(), seen=seen)


def test_a_name_that_two_have_is_refused():
    Scenario.objects.create(name="Thanks", graph={})
    Scenario.objects.create(name="Thanks", graph={})
    with pytest.raises(NotImportable, match="Several"):
        preview(content())


def test_a_locked_scenario_is_left_as_it_is(published, django_user_model):
    other, me = (django_user_model.objects.create_user(name, password="x") for name in ("other", "me"))
    seen = preview(content()).seen
    Scenario.objects.update(locked=True, locked_by=other, locked_at=clock.now())
    for user in (None, me):
        with pytest.raises(NotImportable, match="locked"):
            save_draft(content(), seen=seen, user=user)
    save_draft(content(), seen=seen, user=other)


def test_a_file_with_problems_is_saved_and_they_are_told():
    told = preview(content("order.nothing > wait 3d"))
    assert [problem.code for problem in told.problems] == ["unknown_event"]
    assert save_draft(content("order.nothing > wait 3d"), seen=NEW).pk
