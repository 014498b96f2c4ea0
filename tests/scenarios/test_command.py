"""flows_scenario, as an administrator types it."""

from io import StringIO

import pytest

from django.core.management import CommandError, call_command

from tests.drawing import scenario as drawn
from wagtail_flows.models import Scenario, ScenarioVersion
from wagtail_flows.scenarios.importing import draft_of


pytestmark = pytest.mark.django_db
DAY, THREE = "list.subscribed > wait 1d", "list.subscribed > wait 3d"


def typed(*words: object, code: int = 0) -> str:
    """What is written; `code` is what the command must exit with."""
    out = StringIO()
    try:
        call_command("flows_scenario", *map(str, words), stdout=out, no_color=True)
    except CommandError as error:
        assert error.returncode == code, error  # noqa: PT017
        return f"{out.getvalue()}{error}"
    assert code == 0
    return out.getvalue()


@pytest.fixture
def welcome():
    scenario = Scenario.objects.create(name="Welcome", graph=drawn(DAY))
    scenario.save_revision().publish()
    return Scenario.objects.get()


@pytest.fixture
def changed(welcome):
    welcome.graph = drawn(THREE)
    welcome.save_revision()
    return Scenario.objects.get()


def test_check_says_what_is_wrong_and_exits_with_one(welcome):
    assert typed("check") == "1 checked: all can be published.\n"
    Scenario.objects.create(name="Bad", graph=drawn("order.nothing > wait 1d"))
    told = typed("check", "Bad", code=1)
    assert "! Bad@draft: t1.event: There is no kind of event" in told
    assert typed("check", "Welcome", "Welcome@live", "Welcome@1").startswith("3 checked")


@pytest.mark.parametrize("words", ["Nobody", "Welcome@9", "Welcome@soon", "nothing.yaml", "@", "Welcome@" + "9" * 30])
def test_what_is_not_there_exits_with_two(welcome, words):
    assert typed("check", words, code=2)


def test_a_draft_alone_is_compared_with_what_is_live(changed):
    assert "- “Wait 1 day” became “Wait 3 days”" in typed("diff", "Welcome", code=1)
    assert typed("diff", "Welcome@1", "Welcome@live") == "Nothing differs between Welcome@1 and Welcome@live.\n"


def test_a_file_alone_is_compared_with_the_draft(changed, tmp_path):
    typed("dump", "Welcome", "Welcome@live", "--to", tmp_path)
    assert typed("diff", tmp_path / "welcome.yaml").startswith("Nothing differs")
    assert "“Wait 3 days” became “Wait 1 day”" in typed("diff", tmp_path / "welcome-2.yaml", code=1)


def test_what_is_dumped_is_loaded_as_a_draft_and_not_published(welcome, tmp_path):
    text = typed("dump", "Welcome")
    file = tmp_path / "w.yaml"
    file.write_text(text.replace("amount: 1", "amount: 3"), encoding="utf-8")
    assert "“Wait 1 day” became “Wait 3 days”" in typed("load", "--dry-run", file)
    assert draft_of(welcome).graph == drawn(DAY)
    assert "The draft of “Welcome” is saved." in typed("load", file)
    saved = Scenario.objects.get()
    assert draft_of(saved).graph == drawn(THREE)
    assert saved.current_version.graph == drawn(DAY)
    assert "says the same already" in typed("load", file)


def test_publishing_is_asked_for_explicitly(tmp_path, welcome):
    file = tmp_path / "w.yaml"
    file.write_text(typed("dump", "Welcome").replace("amount: 1", "amount: 3"), encoding="utf-8")
    assert "“Welcome” is published." in typed("load", "--publish", file)
    assert Scenario.objects.get().current_version.graph == drawn(THREE)
    typed("load", "--publish", file)
    assert ScenarioVersion.objects.count() == 2


def test_publishing_with_errors_is_refused_and_the_draft_stays(tmp_path, welcome):
    file = tmp_path / "w.yaml"
    file.write_text(typed("dump", "Welcome").replace("list.subscribed", "list.dreamt"), encoding="utf-8")
    assert "There is no kind of event" in typed("load", "--publish", file, code=2)
    assert Scenario.objects.get().current_version.number == 1


def test_nothing_is_written_when_one_file_cannot_be_read(tmp_path, welcome):
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(typed("dump", "Welcome").replace("amount: 1", "amount: 3"), encoding="utf-8")
    bad.write_bytes(b"\xff\xfe")
    assert "UTF-8" in typed("load", good, bad, code=2)
    assert "Two files" in typed("load", good, good, code=2)
    assert draft_of(Scenario.objects.get()).graph == drawn(DAY)


def test_all_are_dumped_and_what_cannot_be_is_told(welcome, tmp_path):
    Scenario.objects.create(name="Bad", graph=drawn("list.subscribed > send nothing"))
    told = typed("dump", "--to", tmp_path / "new", code=2)
    assert "! Bad@draft: send-1.message: There is no e-mail" in told
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["welcome.yaml"]
