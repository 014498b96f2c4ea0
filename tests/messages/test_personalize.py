"""Liquid in a closed room: hostile names, hostile templates, and the sentences for those who write them."""

import sys

from datetime import UTC, datetime

import pytest

from hypothesis import given
from hypothesis import strategies as st

from wagtail_flows.lib import clock
from wagtail_flows.messages.fragment import parse, words
from wagtail_flows.messages.personalize import (
    FORBIDDEN,
    LINE_BREAKS,
    NotPersonalizable,
    cleaned,
    complaint,
    one_line,
    personalize,
    personalize_line,
    unknown_names,
)


HOSTILE = ["<b>Bob</b>", "{{ contact.email }}", '"', "]]>", "😀", "محمد", "O'Neil & Söhne", "{% raw %}", "&amp;", "-->"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_shown_as_it_is_whatever_it_holds(name):
    assert personalize("Hello {{ contact.first_name }}!", {"contact": {"first_name": name}}) == f"Hello {name}!"


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_in_html_is_escaped_once_and_reads_the_same(name):
    html = personalize("<p>{{ contact.first_name }}</p>", {"contact": {"first_name": name}}, markup=True)
    assert words(parse(html)) == name
    assert "<b>" not in html


@given(st.text())
def test_any_text_comes_back_unchanged_but_for_what_no_mail_may_carry(name):
    assert personalize("{{ n }}", {"n": name}) == cleaned(name)


@given(st.text(), st.text())
def test_a_subject_never_gets_a_second_line(start, name):
    subject = personalize_line("A {{ a }} {{ b }}", {"a": start, "b": name})
    assert len(subject.splitlines()) == 1


def test_a_line_break_in_a_name_can_start_no_header():
    assert personalize_line("Hi {{ n }}", {"n": "Bob\r\nBcc: all@example.org"}) == "Hi Bob Bcc: all@example.org"


def test_french_spaces_stay_hard():
    assert one_line("Prêt\u202f?\nOui\xa0: «\xa0oui\xa0»") == "Prêt\u202f? Oui\xa0: «\xa0oui\xa0»"


def test_no_character_that_can_be_printed_is_forbidden_or_breaks_a_line():
    printable = "".join(one for one in map(chr, range(sys.maxunicode + 1)) if one.isprintable())
    assert not FORBIDDEN.search(printable)
    assert not LINE_BREAKS.search(printable)


def test_marks_that_turn_the_text_around_are_taken_out():
    assert personalize("{{ n }}", {"n": "user\u202egnp.exe"}) == "usergnp.exe"


def test_what_is_unknown_is_empty_and_a_default_steps_in():
    assert (
        personalize('[{{ contact.nickname }}|{{ contact.nickname | default: "friend" }}]', {"contact": {}})
        == "[|friend]"
    )


def test_quotes_stored_as_entities_by_the_rich_text_editor_are_read_as_typed():
    source = "<p>{{ contact.first_name | default:&nbsp;&quot;friend&quot; }}</p>"
    assert personalize(source, {"contact": {}}, markup=True) == "<p>friend</p>"


def test_formatting_inside_a_variable_is_looked_through():
    assert personalize("<p>{{ contact.<b>name</b> }}</p>", {"contact": {"name": "Zoé"}}, markup=True) == "<p>Zoé</p>"


@pytest.mark.parametrize(
    "source",
    [
        "{% include 'secret' %}",
        "{% render 'secret' %}",
        "{% tablerow i in (1..3) %}{% endtablerow %}",
        "{{ n | safe }}",
        "{{ n | base64_decode }}",
        "{{ n | upcas }}",
        "{{ n",
        "{% if n %}",
        "{{ a b }}",
    ],
)
def test_what_cannot_be_read_or_is_not_allowed_is_refused_with_a_sentence(source):
    assert complaint(source)
    with pytest.raises(NotPersonalizable):
        personalize(source, {"n": "x"})


def test_the_sentence_names_the_spot():
    assert "{{ contact first_name }}" in complaint("Hello {{ x }}, {{ contact first_name }}!")
    assert "upcas" in complaint("Hello {{ contact.first_name | upcas }}!")


@pytest.mark.parametrize(
    "source",
    [
        "{% for i in (1..100000000) %}x{% endfor %}",
        "{% for i in (1..1000) %}{% for j in (1..1000) %}x{% endfor %}{% endfor %}",
        "{% for i in (1..1500) %}x{% endfor %}{% for i in (1..1500) %}x{% endfor %}",
        "{{ (1..100000000) | join: ',' }}",
        "{% if (1..10000000000) contains 'x' %}{% endif %}",
        "{% for i in (1..10000000000) limit: 1 offset: 9999999999 %}x{% endfor %}",
        "{% for i in (1..2) %}{% if true %}{% assign r = (1..n) %}{% endif %}{% endfor %}",
        "{% for i in (1..2000) %}{% assign x = long | split: '' | sort | join: '' %}{% endfor %}",
        "{% assign x = 'aaaaaaaaaa' %}{% for i in (1..60) %}{% assign x = x | append: x %}{% endfor %}{{ x }}",
        "{% assign x = 'aaaaaaaaaa' %}{% for i in (1..60) %}{% assign x = x | replace: 'a', x %}{% endfor %}{{ x }}",
        "{% assign x = 9 %}{% for i in (1..60) %}{% assign x = x | times: x %}{% endfor %}{{ x }}",
        "{% for i in (1..1500) %}{{ long }}{% endfor %}",
        "{{ 1 | divided_by: 0 }}",
        "{{ long | slice: 0, 99999999999999999999 }}{{ 1 | modulo: 0 }}",
        "x" * 20_001 + "{{ n }}",
    ],
)
def test_a_template_that_does_too_much_is_stopped(source):
    with pytest.raises(NotPersonalizable):
        personalize(source, {"long": "y" * 1000, "n": ""})


def test_an_endless_nesting_is_refused_not_crashed():
    assert complaint("{% if a %}" * 500 + "{% endif %}" * 500)


def test_python_cannot_be_reached_from_a_template():
    reached = personalize("{{ n.__class__ }}{{ c.__init__ }}{{ n.upper }}{{ c.keys }}", {"n": "x", "c": {}})
    assert reached == ""


KNOWN = {"contact": frozenset({"first_name"}), "event": None, "order": frozenset({"lines"})}


def test_variables_that_nothing_fills_are_named():
    source = "{{ contact.first_name }} {{ contact.frist_name }} {{ who.name }} {{ event.x }} {{ contact.frist_name }}"
    assert unknown_names(source, KNOWN) == ("contact.frist_name", "who.name")


def test_variables_made_in_the_template_are_known():
    source = "{% assign a = 1 %}{{ a }}{% for line in order.lines %}{{ line.name }}{{ forloop.index }}{% endfor %}"
    assert unknown_names(source, KNOWN) == ()


@given(st.text(alphabet="{}%| .'\"abfor-#\n", max_size=60))
def test_any_source_is_either_rendered_or_complained_about(source):
    try:
        personalize(source, {"a": "x"})
        is_refused = False
    except NotPersonalizable:
        is_refused = True
    assert is_refused or not complaint(source)


def test_now_is_the_moment_to_decide_by():
    with clock.moved(datetime(2031, 6, 15, 12, 0, tzinfo=UTC)):
        assert personalize('{{ "now" | date: "%Y-%m-%d" }} {{ "today" | date: "%Y" }}', {}) == "2031-06-15 2031"
