import unicodedata

import pytest

from hypothesis import given
from hypothesis import strategies as st

from wagtail_flows.contacts.address import InvalidAddress, as_given, key_hash, normalise


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("ada@example.org", "ada@example.org"),
        ("  Ada@EXAMPLE.org\n", "ada@example.org"),
        ("ada+news@example.org", "ada+news@example.org"),
        ("a.d.a@example.org", "a.d.a@example.org"),
        ("o'brien@example.org", "o'brien@example.org"),
        ("ada@exämple.org", "ada@xn--exmple-cua.org"),
        ("ada@XN--EXMPLE-CUA.org", "ada@xn--exmple-cua.org"),
        ("ada@例え。jp", "ada@xn--r8jz45g.jp"),
        ("ada@faß.de", "ada@xn--fa-hia.de"),
        ("ÉLODIE@example.org", "élodie@example.org"),
        (unicodedata.normalize("NFD", "élodie@example.org"), "élodie@example.org"),
        ("demo@localhost", "demo@localhost"),
    ],
)
def test_spellings_of_one_mailbox_have_one_key(address, key):
    assert normalise(address) == key


@pytest.mark.parametrize(
    "address",
    [
        "",
        "   ",
        "ada",
        "ada@",
        "@example.org",
        "ada@@example.org",
        "ada@home@example.org",
        "ada lovelace@example.org",
        "ada@exam ple.org",
        "ada\x00@example.org",
        "ada@example.org\nBcc: all@example.org",
        "ada@example.org\r\nx",
        "ada\u200b@example.org",
        "ada\u202e@example.org",
        "ada\ud800@example.org",
        "<ada@example.org>",
        "Ada <ada@example.org>",
        "ada@example.org,bob@example.org",
        '"ada"@example.org',
        ".ada@example.org",
        "ada.@example.org",
        "a..da@example.org",
        "ada@example",
        "ada@example..org",
        "ada@.example.org",
        "ada@example.org.",
        "ada@-example.org",
        "ada@exa_mple.org",
        "ada@127.0.0.1",
        "ada@[127.0.0.1]",
        "ada@☃.net",
        "ada@" + "x" * 64 + ".org",
        "x" * 65 + "@example.org",
        "é" * 40 + "@example.org",
        "ada@" + "x." * 130 + "org",
        "x" * 1_000_000 + "@example.org",
    ],
)
def test_what_no_mail_can_go_to_is_refused_with_a_reason(address):
    with pytest.raises(InvalidAddress) as refused:
        normalise(address)
    assert str(refused.value)
    assert isinstance(refused.value, ValueError)


@pytest.mark.parametrize("nothing", [None, 7, b"ada@example.org"])
def test_what_is_no_text_is_refused_too(nothing):
    with pytest.raises(InvalidAddress):
        normalise(nothing)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("аda@example.org", "ada@example.org"),  # Cyrillic а
        ("ſam@example.org", "sam@example.org"),  # long s
        ("straße@example.org", "strasse@example.org"),
        ("straẞe@example.org", "strasse@example.org"),
        ("ﬁona@example.org", "fiona@example.org"),  # ligature
        ("ada@exаmple.org", "ada@example.org"),  # Cyrillic а in the domain
        ("ada@example.org", "ada@example.com"),
        ("ıan@example.org", "ian@example.org"),  # dotless i
    ],
)
def test_addresses_that_only_look_alike_stay_different(one, other):
    assert normalise(one) != normalise(other)


def test_mail_goes_to_the_address_as_it_was_given():
    assert as_given(" Ada@Exämple.org ") == "Ada@Exämple.org"


def test_a_key_is_remembered_by_its_sha256():
    assert key_hash("ada@example.org") == "cfe00dde46ef942601ffafb9e2825e802858b460e586b8305b344c1eb826357d"


@given(st.text(max_size=300))
def test_any_text_has_a_key_or_a_reason(text):
    try:
        key = normalise(text)
    except InvalidAddress:
        return
    assert key.count("@") == 1
    assert len(key) <= 254
    assert key.isprintable()


LETTERS = st.characters(categories=["Lu", "Ll", "Lt", "Lo", "Lm", "Mn", "Nd", "Sm", "So"])


@given(
    st.text(LETTERS, min_size=1, max_size=20), st.text(st.characters(categories=["Lu", "Ll"]), min_size=1, max_size=9)
)
def test_the_key_of_a_key_is_that_key(local, domain):
    try:
        key = normalise(f"{local}@{domain}.org")
    except InvalidAddress:
        return
    assert normalise(key) == key


@given(st.text(LETTERS, min_size=1, max_size=20))
def test_how_accents_are_composed_makes_no_difference(local):
    try:
        key = normalise(f"{local}@example.org")
    except InvalidAddress:
        return
    assert normalise(unicodedata.normalize("NFD", f"{local}@example.org")) == key
