"""From what is written to the mail of one person."""

import re

import pytest

from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from wagtail_flows.messages.parts import Button, Footer, Heading, OrderLines, Text
from wagtail_flows.messages.render import RenderInput, render, safe_url


HOSTILE = '<b>Zoé</b> & "Söhne" ]]> {{ contact.email }} 😀 محمد <script>alert(1)</script>'
ORDER = {
    "number": "21",
    "lines": [
        {
            "name": "Apple Juice <1 l>",
            "variant": "1 l",
            "quantity": 2,
            "image_url": "/media/juice.png?a=1&b=2",
            "review_url": "https://shop.example/apple-juice/review",
        },
        {"name": "Carrot Juice", "quantity": 1},
    ],
}
FOOTER = Footer("Atelier", "1 rue des Lilas\n75020 Paris", "You subscribed to “News”.", "https://site.example/u/token")
PARTS = (
    Heading("Hello {{ contact.first_name }}", "h"),
    Text(
        '<p>How is <b>order {{ order.number }}</b>? <a href="/faq/">Questions</a></p><ul><li>One</li><li>Two</li></ul>',
        "t",
    ),
    OrderLines("Write a review", id="o"),
    Heading("And now", "h2"),
    Button("See {{ contact.first_name }}", "{{ site.url }}/?who={{ contact.first_name }}", "b"),
)


def given_input(
    parts=PARTS, *, name="Zoé", locale="en", footer=FOOTER, subject="Your order", preheader="", context=None
):
    known = {"contact": {"first_name": name}, "order": ORDER, "site": {"url": "https://site.example"}}
    return RenderInput(
        subject, preheader, parts, known if context is None else context, locale, "https://site.example", footer
    )


def soup_of(rendered):
    assert rendered.problems == ()
    return BeautifulSoup(rendered.html, "html.parser")


def test_every_part_is_in_the_html_and_in_the_text():
    rendered = render(given_input())
    page = soup_of(rendered).get_text(" ", strip=True)
    for words in (
        "Hello Zoé",
        "How is",
        "order 21",
        "Questions",
        "One",
        "Two",
        "Apple Juice <1 l>",
        "Carrot Juice",
        "And now",
        "See Zoé",
    ):
        assert words in page
        assert words in rendered.text
    assert "× 2" in page
    assert "2 × Apple Juice <1 l>, 1 l" in rendered.text


def test_there_is_one_main_title():
    page = soup_of(render(given_input()))
    assert [title.get_text() for title in page("h1")] == ["Hello Zoé"]
    assert [title.get_text() for title in page("h2")] == ["And now"]


def test_pictures_are_absolute_and_have_a_text_and_a_width():
    (picture,) = soup_of(render(given_input()))("img")
    assert picture["src"] == "https://site.example/media/juice.png?a=1&b=2"
    assert picture["alt"] == "Apple Juice <1 l>"
    assert picture["width"] == "72"


def test_pictures_can_be_left_out():
    assert not soup_of(render(given_input((OrderLines(has_pictures=False),))))("img")


def test_nothing_is_fetched_from_others_and_nothing_runs():
    html = render(given_input()).html
    page = BeautifulSoup(html, "html.parser")
    assert not page(["script", "link", "iframe", "object", "form"])
    assert "@import" not in html
    assert "fonts.googleapis" not in html
    assert "url(" not in html
    addresses = set(re.findall(r'(?:src|href)="(https?://[^/"]+)', html))
    assert addresses == {"https://site.example", "https://shop.example"}


def test_the_document_names_its_language_and_direction():
    assert soup_of(render(given_input(locale="fr"))).html["lang"] == "fr"
    arabic = soup_of(render(given_input(locale="ar")))
    assert (arabic.html["lang"], arabic.html["dir"]) == ("ar", "rtl")
    assert 'align="right"' in str(arabic)


def test_mail_programs_are_told_that_it_can_be_dark():
    page = soup_of(render(given_input()))
    assert page.find("meta", attrs={"name": "color-scheme"})["content"] == "light dark"
    assert "prefers-color-scheme: dark" in str(page)


def test_the_preview_text_stands_hidden_before_all_else():
    page = soup_of(render(given_input(preheader="For {{ contact.first_name }} & co")))
    first = page.body.find("div")
    assert first.get_text().startswith("For Zoé & co")
    assert "display:none" in first["style"]


def test_links_are_absolute_and_written_out_in_the_text():
    rendered = render(given_input())
    assert soup_of(rendered).find("a", string="Questions")["href"] == "https://site.example/faq/"
    assert "Questions <https://site.example/faq/>" in rendered.text
    assert "Write a review\n  https://shop.example/apple-juice/review" in rendered.text


def test_a_line_without_a_review_address_has_no_review_link():
    assert len(soup_of(render(given_input()))("a", string="Write a review")) == 1


def test_commercial_mail_can_be_left_and_says_who_writes_and_why():
    rendered = render(given_input())
    assert soup_of(rendered).find("a", string="Unsubscribe")["href"] == "https://site.example/u/token"
    assert "Unsubscribe\nhttps://site.example/u/token" in rendered.text
    for words in ("Atelier", "1 rue des Lilas", "75020 Paris", "You subscribed to “News”."):
        assert words in rendered.text
        assert words in soup_of(rendered).get_text()


def test_transactional_mail_has_no_unsubscribe_link():
    rendered = render(given_input(footer=Footer("Atelier")))
    assert "Unsubscribe" not in rendered.html + rendered.text
    assert "Atelier" in rendered.text


def test_a_hostile_name_is_shown_as_text_everywhere():
    rendered = render(
        given_input(name=HOSTILE, subject="Hi {{ contact.first_name }}", preheader="{{ contact.first_name }}")
    )
    page = soup_of(rendered)
    assert page.h1.get_text() == f"Hello {HOSTILE}"
    assert page.title.get_text() == f"Hi {HOSTILE}"
    assert not page("script")
    assert HOSTILE in rendered.text.replace("\n", " ")
    assert rendered.subject == f"Hi {HOSTILE}"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_no_name_breaks_the_mail(name):
    rendered = render(
        given_input(name=name, subject="Hi {{ contact.first_name }}", preheader="- {{ contact.first_name }}")
    )
    assert not rendered.errors
    plain = render(given_input(name="x", preheader="x"))
    assert [tag.name for tag in soup_of(rendered)(True)] == [tag.name for tag in soup_of(plain)(True)]


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="<>/abpuliol&;\"'=x {}%", max_size=60))
def test_no_rich_text_breaks_the_mail(source):
    rendered = render(given_input((Text(source), Heading("end"))))
    assert not [problem for problem in rendered.errors if problem.code == "mjml"]
    assert "<h1" in rendered.html


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("<p>a<script>alert(1)</script>b</p>", "ab"),
        ('<p onclick="x()">a</p>', "a"),
        ('<a href="javascript:alert(1)">a</a>', "a"),
        ("<ul><li>a<li>b</ul>", "ab"),
        ("<p>a <b>b</p> c", "abc"),
        ('<img src="https://tracker.example/x.gif">a', "a"),
        ("{% if no %}<p>gone</p>{% endif %}<p>a</p>", "a"),
        ("<p>{% if no %}</p><p>gone</p><p>{% endif %}</p><p>a</p>", "a"),
    ],
)
def test_only_allowed_tags_are_left_and_they_are_closed(source, left):
    page = soup_of(render(given_input((Text(source),), footer=Footer())))
    assert page.body.get_text(strip=True).replace("\n", "") == left.replace("\n", "")
    assert not page(["script", "img"])
    assert "alert" not in str(page)


def test_what_is_wrong_is_said_where_it_is_and_nothing_is_raised():
    parts = (
        Heading("{{ contact.first_name | upcas }}", "h"),
        Button("Go", "javascript:alert(1)", "b"),
        Button("Go", "{{ x", "c"),
    )
    rendered = render(given_input(parts, subject="{% if %}"))
    found = {(problem.step, problem.field, problem.code) for problem in rendered.errors}
    assert found >= {
        ("h", "text", "liquid"),
        ("b", "url", "unsafe_url"),
        ("c", "url", "liquid"),
        ("", "subject", "liquid"),
    }


def test_an_empty_subject_forbids_sending():
    assert [problem.code for problem in render(given_input(subject="{{ contact.nothing }}")).errors] == ["no_subject"]


def test_products_without_an_order_are_a_warning_only():
    rendered = render(given_input((Heading("a"), OrderLines(id="o")), context={}))
    assert [(problem.step, problem.code, problem.is_warning) for problem in rendered.problems] == [
        ("o", "no_order", True)
    ]
    assert not rendered.errors


def test_lines_of_text_are_short_but_addresses_are_never_broken():
    words = "Bonjour à toutes et à tous, voici des nouvelles. " * 8
    address = "https://site.example/" + "a" * 120
    text = render(given_input((Text(f'<p>{words}<a href="{address}">ici</a></p>'),))).text
    assert all(len(line) <= 78 or address in line for line in text.splitlines())
    assert f"<{address}>" in text


def test_french_marks_are_never_parted_from_their_word():
    text = render(given_input((Text("<p>" + "Est-ce vraiment prêt\u202f? Oui\xa0! " * 20 + "</p>"),))).text
    assert not [line for line in text.splitlines() if line.startswith(("?", "!", "\u202f", "\xa0"))]
    assert "prêt\u202f?" in text


def test_lists_and_line_breaks_keep_their_form_in_the_text():
    html = "<ol><li>One</li><li>Two<ul><li>Inner</li></ul></li></ol><p>a<br/>b</p>"
    assert render(given_input((Text(html),))).text.startswith("1. One\n2. Two\n   * Inner\n\na\nb\n")


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://a.example/x y", "https://a.example/x%20y"),
        ("/path?a=1", "https://site.example/path?a=1"),
        ("//other.example/x", "https://other.example/x"),
        ('https://a.example/"><script>', "https://a.example/%22%3E%3Cscript%3E"),
        ("https://a.example/%22?q=a%20b", "https://a.example/%22?q=a%20b"),
        ("https://exämple.example/é", "https://exämple.example/é"),
        ("HTTPS://A.example/", "HTTPS://A.example/"),
        ("mailto:a@example.org", "mailto:a@example.org"),
        ("mailto:", ""),
        ("javascript:alert(1)", ""),
        (" java\nscript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("https://", ""),
        ("https://[", ""),
        ("ftp://a.example/", ""),
        ("www.example.org", ""),
        ("", ""),
    ],
)
def test_only_addresses_one_may_link_to_are_kept(url, safe):
    assert safe_url(url, "https://site.example") == safe


def test_our_own_words_are_in_the_language_of_the_mail_whatever_is_active():
    rendered = render(given_input(locale="xx"))
    assert "Unsubscribe" in rendered.text
