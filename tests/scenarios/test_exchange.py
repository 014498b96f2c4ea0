"""A scenario goes to another site as a text without ids, and comes back the same."""

import re

import pytest

from wagtail.models import Locale, Site

from tests.drawing import choosing, key, scenario
from tests.scenarios import every_kind
from wagtail_flows.contacts.models import MailingList
from wagtail_flows.messages.models import Message, WebhookEndpoint
from wagtail_flows.scenarios.exchange import NotExportable, NotReadable, export, read_file
from wagtail_flows.scenarios.graph import dump, parse
from wagtail_flows.scenarios.places import at, places
from wagtail_flows.scenarios.registry import step_kinds, trigger_kinds
from wagtail_flows.segments.compiling import Scope
from wagtail_flows.segments.models import Segment
from wagtail_flows.shop.models import Shop


UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-")
OURS = "wagtail_flows."


@pytest.fixture
def home(wagtail_site):
    return Site.objects.get(is_default_site=True).root_page


def test_there_is_a_sample_of_every_kind():
    ours = {name for name, kind in step_kinds().items() if kind.__module__.startswith(OURS)}
    assert set(every_kind.steps(1)) >= ours
    ours = {name for name, kind in trigger_kinds().items() if kind.__module__.startswith(OURS)}
    assert set(every_kind.triggers(1)) >= ours


@pytest.mark.django_db
def test_every_place_leads_to_what_is_named_there():
    graph = every_kind.graph(7)
    fields = {name: field for name, (field, _source) in Scope().answers.items()}
    named = list(places(parse(graph), dump(parse(graph)), fields))
    assert len(named) >= 20
    for place in named:
        assert str(at(graph, place.path)) == place.key, place
        assert isinstance(at(graph, place.path), int) == place.is_number


def test_a_graph_of_every_kind_comes_back_the_same(home):
    graph = every_kind.graph(every_kind.make_world(home))
    text = export("Everything", graph)
    assert not UUID.search(text)
    content = read_file(text)
    assert content.name == "Everything"
    assert content.graph == dump(parse(graph))


def test_on_another_site_with_the_same_names_it_is_the_same_graph(home):
    text = export("Everything", every_kind.graph(every_kind.make_world(home)))
    page = every_kind.remake_world(home)
    read = read_file(text.encode()).graph
    assert export("Everything", read) == text
    ids = {
        key("club"): str(MailingList.objects.get(name="The club").public_id),
        key("other"): str(MailingList.objects.get(name="The other").public_id),
        key("gold"): str(Segment.objects.get().public_id),
        key("shop"): str(Shop.objects.get().public_id),
        key("hook"): str(WebhookEndpoint.objects.get().public_id),
        key("thanks"): str(Message.objects.get().translation_key),
    }
    expected = repr(dump(parse(every_kind.graph(page))))
    for old, new in ids.items():
        expected = expected.replace(old, new)
    assert repr(read) == expected


@pytest.mark.django_db
@pytest.mark.parametrize(
    "drawing",
    [
        "list.subscribed > wait 3d late 48h",
        "list.subscribed once > await list.unsubscribed 2d > wait 90m ! list.unsubscribed anyone",
    ],
)
def test_drawings_come_back_the_same(drawing):
    graph = dump(parse(scenario(drawing)))
    assert read_file(export("A: #1 – é", graph)).graph == graph


def test_an_e_mail_is_called_by_its_name_in_the_main_language(home):
    french, _new = Locale.objects.get_or_create(language_code="fr")
    Message.objects.create(translation_key=key("thanks"), name="Merci", subject="m", locale=french)
    Message.objects.create(translation_key=key("thanks"), name="Thanks", subject="t")
    text = export("A", scenario("list.subscribed > send thanks"))
    assert "message: Thanks\n" in text
    assert read_file(text).graph == read_file(text.replace("Thanks", "Merci")).graph


def test_two_e_mails_of_one_name_are_told_apart_by_their_language(home):
    french, _new = Locale.objects.get_or_create(language_code="fr")
    Message.objects.create(translation_key=key("thanks"), name="Hello", subject="m", locale=french)
    Message.objects.create(translation_key=key("other"), name="Hello", subject="t")
    graph = dump(parse(scenario("list.subscribed > send thanks")))
    text = export("A", graph)
    assert "message: Hello [fr]\n" in text
    assert read_file(text).graph == graph
    with pytest.raises(NotReadable, match="several things"):
        read_file(text.replace(" [fr]", ""))


def test_what_cannot_be_told_apart_is_not_exported_and_says_what_to_do(home):
    for name in ("thanks", "other"):
        Message.objects.create(translation_key=key(name), name="Hello", subject="t")
    with pytest.raises(NotExportable, match=r"send-1\.message: Another e-mail is called “Hello” too"):
        export("A", scenario("list.subscribed > send thanks"))


@pytest.mark.django_db
def test_what_is_not_there_any_more_is_not_exported():
    with pytest.raises(NotExportable, match=r"send-1\.message: There is no e-mail"):
        export("A", scenario("list.subscribed > send thanks"))


@pytest.mark.django_db
def test_a_draft_that_cannot_be_read_is_not_exported():
    with pytest.raises(NotExportable, match="start"):
        export("A", {"steps": 3})


def test_all_unknown_names_are_told_at_once_with_their_lines_and_what_is_like_them(home, club):
    Message.objects.create(translation_key=key("thanks"), name="Thanks", subject="t")
    text = export("A", scenario("list.subscribed > send thanks to club"))
    wrong = text.replace("message: Thanks", "message: thank").replace("list: The club", "list: Chess")
    line = next(number for number, line in enumerate(wrong.splitlines(), 1) if "message:" in line)
    with pytest.raises(NotReadable) as refusal:
        read_file(wrong)
    assert refusal.value.problems == (
        f"Line {line}: send-1.message: there is no e-mail called “thank” here. Is “Thanks” meant? Else make it first.",
        f"Line {line + 1}: send-1.list: there is no list called “Chess” here: make it first.",
    )


@pytest.mark.django_db
def test_an_identifier_is_no_name(club):
    graph = dump(parse(scenario("list.subscribed > wait 1d")))
    graph["triggers"][0] = {"id": "t1", "kind": "list", "lists": [key("club")], "reentry": "once"}
    text = export("A", graph)
    assert "The club" in text
    with pytest.raises(NotReadable, match="there is no list called"):
        read_file(text.replace("The club", key("club")))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "holds no scenario"),
        ("[]", "holds no scenario"),
        ("name: A", "Line 1: “format” must be 1"),
        ("format: 2\nname: A", "Line 1: “format” must be 1"),
        ("format: 1", "“name” must be"),
        ("format: 1\nname: 5", "Line 2: “name” must be"),
        ("format: 1\nname: ' '", "Line 2: “name” must be"),
        ("format: 1\nname: A\nstart: a\nextra: 1", "Line 4: extra: “extra” is not known here"),
        ("format: 1\nname: A\nstart: a\nsteps:\n  - id: a\n    kind: fly\n", "Line 6: a.kind: “kind” must be one of"),
        ("format: 1\nname: A\nstart: a\nsteps:\n  - id: a\n    kind: exit\n    reason: 5", "Line 7: a.reason:"),
        ("format: 1\nname: A\nstart: a\nsteps:\n  - id: é", "Line 5: steps.0.id:"),
        ("format: 1\nname: A\nstart: a\nsteps: 3", "Line 4: steps:"),
        ("format: 1\nname: A\nstart: a\nsteps: [{id: a, kind: send_email, message: 5}]", "Line 4: a.message"),
        ("format: 1\nname: A\nformat: 1", "Line 3: “format” is given twice"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(text, told):
    with pytest.raises(NotReadable) as refusal:
        read_file(text)
    assert told in str(refusal.value)


def test_a_rule_is_called_by_names_too(home, club):
    rule = {
        "match": "all",
        "rules": [
            {"field": "list.subscribed", "operator": "is", "value": key("club"), "options": {"page": str(home.pk)}}
        ],
    }
    step = {"kind": "condition", "branches": [{"outlet": "in", "rule": rule}]}
    graph = dump(parse(choosing("list.subscribed", step, **{"in": "exit", "otherwise": "exit"})))
    text = export("A", graph)
    assert "value: The club" in text
    assert "page: /\n" in text
    assert read_file(text).graph == graph
