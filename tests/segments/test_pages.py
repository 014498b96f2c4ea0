"""The pages of segments in the admin."""

import json

from datetime import timedelta

import pytest

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation
from wagtail.models import ModelLogEntry

from tests.admin.conftest import our_permissions, person
from wagtail_flows.contacts.models import Contact, MailingList, Property
from wagtail_flows.contacts.verbs import get_or_create_contact
from wagtail_flows.lib import admin_bulk, clock
from wagtail_flows.scenarios.models import Scenario
from wagtail_flows.segments.counting import count_due
from wagtail_flows.segments.membership import members
from wagtail_flows.segments.models import Segment, SegmentCount
from wagtail_flows.segments.static import add_members


FRENCH = {"match": "all", "rules": [{"field": "contact.locale", "operator": "is", "value": "fr"}]}
BROKEN = {"match": "all", "rules": [{"field": "property.gone", "operator": "is", "value": "x"}]}
NOBODY = "nobody is in it, wherever it is used"


def asking(*segments):
    names = [str(segment.public_id) for segment in segments]
    return {"match": "all", "rules": [{"field": "segment.member", "operator": "in_any_of", "value": names}]}


def url(name, segment=None):
    return reverse(f"flows_segments:{name}", args=[segment.pk] if segment else [])


@pytest.fixture
def owner(client, admin_user, wagtail_site):
    client.force_login(admin_user)
    return client


@pytest.fixture
def anna(db):
    get_or_create_contact("bob@example.org", locale="en", now=clock.now())
    return get_or_create_contact("anna@example.org", locale="fr", first_name="=Anna", last_name="Wolf", now=clock.now())


@pytest.fixture
def french(anna):
    return Segment.objects.create(name="French", rule=FRENCH)


@pytest.fixture
def by_hand(anna):
    segment = Segment.objects.create(name="Regulars", kind="static")
    add_members(segment, [anna.pk])
    return segment


def test_the_listing_says_how_many_and_how_old_that_is(owner, french):
    assert "being counted" in owner.get(url("index")).text
    count_due(clock.now(), None)
    assert "1 (just now)" in owner.get(url("index")).text
    Segment.objects.update(counted_at=clock.now() - timedelta(hours=3, minutes=5))
    assert "1 (3\xa0hours ago)" in owner.get(url("index")).text
    Segment.objects.update(rule=BROKEN)
    assert "matches nobody" in owner.get(url("index")).text


def test_an_empty_listing_leads_to_the_recipes(owner):
    assert url("start") in owner.get(url("index")).text
    page = owner.get(url("start")).text
    assert "Bought once" in page
    assert "Make a property of the type date first" in page
    Property.objects.create(name="birthday", label="Birthday", type="date")
    assert "recipe=birthday" in owner.get(url("start")).text


def test_a_recipe_fills_the_form(owner):
    page = owner.get(url("add"), {"recipe": "bought_once"}).text
    assert "order.count" in page
    assert 'value="Bought once"' in page
    assert owner.get(url("add"), {"recipe": "x"}).status_code == 200


def test_a_rule_is_saved_and_its_page_tells_it(owner, anna):
    answer = owner.post(url("add"), {"name": "French", "description": "", "rule": json.dumps(FRENCH)})
    segment = Segment.objects.get()
    assert answer.url == url("inspect", segment)
    page = owner.get(answer.url).text
    assert "Language is “fr”." in page
    assert "Nothing uses this segment yet" in page
    assert str(segment.public_id) in page, "programs start scenarios for it by this"
    assert segment.rule == FRENCH
    owner.post(url("edit", segment), {"name": "All", "description": "", "rule": ""})
    assert Segment.objects.get().rule == {"match": "all", "rules": []}


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("{", "Enter a valid JSON"),
        ("[" * 100_000, "can&#x27;t be read"),
        ("9" * 10_000, "can&#x27;t be read"),
        ("x" * 300_000, "too long"),
        ("[]", "no group of conditions"),
        (json.dumps(BROKEN), "Condition 1: This field doesn&#x27;t exist any more"),
    ],
    ids=range(6),
)
def test_a_rule_that_cant_be_asked_is_refused_with_its_place(owner, rule, told):
    answer = owner.post(url("add"), {"name": "X", "description": "", "rule": rule})
    assert answer.status_code == 200
    assert told in answer.text
    assert not Segment.objects.exists()


def test_a_circle_is_refused_when_it_is_saved(owner, french):
    second = Segment.objects.create(name="Second", rule=asking(french))
    form = {"name": "French", "description": "", "rule": json.dumps(asking(second))}
    assert "in a circle" in owner.post(url("edit", french), form).text
    french.refresh_from_db()
    assert french.rule == FRENCH


def test_a_change_makes_the_count_due(owner, french):
    count_due(clock.now(), None)
    form = {"name": "French too", "description": "", "rule": json.dumps(FRENCH)}
    owner.post(url("edit", french), form)
    assert Segment.objects.get().counted_at is not None
    owner.post(url("edit", french), {**form, "rule": ""})
    assert Segment.objects.get().counted_at is None


def test_one_that_cant_be_asked_says_so_on_its_page_and_where_it_is_used(owner, french):
    user = Segment.objects.create(name="User", rule=asking(french))
    Segment.objects.filter(pk=french.pk).update(rule=BROKEN)
    page = owner.get(url("inspect", french)).text
    assert NOBODY in page
    assert "Condition 1: This field" in page
    page = owner.get(url("inspect", user)).text
    assert NOBODY in page
    assert "“French”" in page
    assert list(members(user)) == []
    assert NOBODY in owner.get(url("explain", user)).text
    assert owner.get(url("members", user)).status_code == 200
    assert "this field" in owner.get(url("edit", french)).text.lower()


def test_a_segment_in_use_is_kept_and_says_where(owner, french):
    Segment.objects.create(name="Its user", rule=asking(french))
    Scenario.objects.create(name="Welcome them", graph={"any": ["shape", {"segment": str(french.public_id)}]})
    page = owner.get(url("inspect", french)).text
    assert "Its user" in page
    assert "Welcome them" in page
    answer = owner.post(url("delete", french))
    assert answer.status_code == 409
    assert "Its user" in answer.text
    assert Segment.objects.count() == 2
    Segment.objects.exclude(pk=french.pk).delete()
    Scenario.objects.all().delete()
    owner.post(url("delete", french))
    assert not Segment.objects.exists()


def test_lists_and_properties_that_a_segment_asks_about_are_kept(owner):
    news = MailingList.objects.create(name="News", public_name="News")
    town = Property.objects.create(name="town", label="Town", type="text")
    clauses = [
        {"field": "list.subscribed", "operator": "in_any_of", "value": [str(news.public_id)]},
        {"field": "property.town", "operator": "is", "value": "Paris"},
    ]
    Segment.objects.create(name="Parisians", rule={"match": "all", "rules": clauses})
    for slug, thing in (("lists", news), ("properties", town)):
        answer = owner.post(reverse(f"flows_{slug}:delete", args=[thing.pk]))
        assert answer.status_code == 409
        assert "Parisians" in answer.text


def test_its_people_are_listed_searched_and_exported(owner, french, anna):
    page = owner.get(url("members", french)).text
    assert "anna@example.org" in page
    assert "bob@example.org" not in page
    assert "anna@example.org" not in owner.get(url("members_results", french), {"q": "nobody"}).text
    answer = owner.get(url("members", french), {"export": "csv"})
    text = b"".join(answer.streaming_content).decode()
    assert "'=Anna" in text
    assert "bob@" not in text
    assert ModelLogEntry.objects.filter(action="wagtail_flows.export").count() == 1


def test_the_listing_of_a_segment_that_cannot_be_asked_says_so(owner, french):
    Segment.objects.update(rule={"match": "all", "rules": [{"field": "property.gone", "operator": "is", "value": "x"}]})
    for page in (owner.get(url("members", french)), owner.get(url("members_results", french), {"q": "anna"})):
        assert "so nobody is in it, wherever it is used. Condition 1: This field doesn" in page.text


def test_who_may_not_export_or_see_contacts_cant(client, django_user_model, french, by_hand, wagtail_site):
    reader = person(django_user_model, "reads", our_permissions().filter(codename__in=["view_segment", "view_contact"]))
    client.force_login(reader)
    assert "Download" not in client.get(url("members", french)).text
    assert client.get(url("members", french), {"export": "csv"}).status_code in {302, 403}
    assert client.get(url("explain", french)).status_code == 200
    for name in ("import", "put", "take"):
        assert client.post(url(name, by_hand)).status_code in {302, 403}
    desk = person(django_user_model, "desk", our_permissions().filter(codename__endswith="_segment"))
    client.force_login(desk)
    assert client.get(url("inspect", by_hand)).status_code == 200
    for name in ("members", "explain", "import"):
        assert client.get(url(name, by_hand)).status_code in {302, 403}
    client.post(url("take", by_hand), {"take-address": "anna@example.org"})
    assert members(by_hand).count() == 1


def test_it_is_explained_why_one_is_in_or_not(owner, french):
    page = owner.get(url("explain", french), {"address": "ANNA@example.org"}).text
    assert "anna@example.org is in “French”" in page
    assert "seen: fr" in page
    page = owner.get(url("explain", french), {"address": "bob@example.org"}).text
    assert "is not in" in page
    assert "seen: en" in page
    for nobody in ("eve@example.org", "no address", "", "\x00"):
        assert owner.get(url("explain", french), {"address": nobody}).status_code == 200


def test_somebody_is_put_in_and_taken_out_by_the_address(owner, by_hand):
    owner.post(url("put", by_hand), {"put-address": " Bob@example.org"})
    assert members(by_hand).count() == 2
    owner.post(url("take", by_hand), {"take-address": "anna@example.org"})
    assert [str(contact) for contact in members(by_hand)] == ["bob@example.org"]
    answer = owner.post(url("put", by_hand), {"put-address": "eve@example.org"}, follow=True)
    assert "no contact with this address" in answer.text
    assert Contact.objects.count() == 2
    log = ModelLogEntry.objects.filter(action__in=["wagtail_flows.add_members", "wagtail_flows.remove_members"])
    assert [entry.data for entry in log] == [{}, {}]
    assert "Added people" in owner.get(url("history", by_hand)).text


def test_a_file_is_taken_row_by_row(owner, by_hand, french):
    file = SimpleUploadedFile("people.csv", b"Mail\nbob@example.org\neve@example.org\n<script>\n")
    answer = owner.post(url("import", by_hand), {"file": file})
    for told in ("1 contact was added", "eve@example.org", "&lt;script&gt;", "1 row can"):
        assert told in answer.text
    assert members(by_hand).count() == 2
    empty = owner.post(url("import", by_hand), {"file": SimpleUploadedFile("x.csv", b"\n")})
    assert "empty" in empty.text
    assert owner.post(url("import", by_hand), {}).status_code == 422
    assert owner.get(url("import", french)).status_code in {302, 403}


def choose(client, action, back, **query):
    where = reverse("wagtail_bulk_action", args=["wagtail_flows", "contact", action])
    return f"{where}?next={back}&" + "&".join(f"id={value}" for value in query["ids"])


def test_the_contacts_chosen_in_the_listing_are_put_in(owner, by_hand, anna):
    listing = reverse("flows_contacts:index")
    assert "Add to a segment" in owner.get(listing).text
    bob = Contact.objects.get(address="bob@example.org")
    where = choose(owner, "add_to_segment", listing, ids=[anna.pk, bob.pk, "x", "9" * 30])
    assert "2 contacts are selected" in owner.get(where).text
    answer = owner.post(where, {"segment": by_hand.pk}, follow=True)
    assert "1 contact is new in “Regulars”" in answer.text
    assert members(by_hand).count() == 2
    owner.post(choose(owner, "take_from_segment", listing, ids=[bob.pk]), {"segment": by_hand.pk})
    assert members(by_hand).count() == 1


def test_all_in_the_listing_means_what_its_filters_left(owner, by_hand, french):
    get_or_create_contact("chloe@example.org", locale="fr", now=clock.now())
    for back in (reverse("flows_contacts:index") + "%3Fq=chloe", url("members", french) + "%3Fq=chloe"):
        where = choose(owner, "add_to_segment", back, ids=["all"])
        assert "1 contact is selected" in owner.get(where).text
        owner.post(where, {"segment": by_hand.pk})
    assert {str(contact) for contact in members(by_hand)} == {"anna@example.org", "chloe@example.org"}
    elsewhere = choose(owner, "add_to_segment", reverse("flows_lists:index"), ids=["all"])
    assert owner.post(elsewhere, {"segment": by_hand.pk}).status_code in {302, 403}
    assert members(by_hand).count() == 2


def test_too_many_are_refused_and_nobody_is_put_in(owner, by_hand, monkeypatch):
    monkeypatch.setattr(admin_bulk, "MOST_AT_ONCE", 1)
    where = choose(owner, "add_to_segment", reverse("flows_contacts:index"), ids=["all"])
    assert "asks a rule" in owner.get(where).text
    assert "asks a rule" in owner.post(where, {"segment": by_hand.pk}).text
    assert members(by_hand).count() == 1


def test_who_may_not_change_segments_is_offered_no_bulk_action(client, django_user_model, by_hand, wagtail_site):
    client.force_login(person(django_user_model, "reads", our_permissions().filter(codename__startswith="view_")))
    listing = reverse("flows_contacts:index")
    assert "Add to a segment" not in client.get(listing).text
    where = choose(client, "add_to_segment", listing, ids=["all"])
    assert client.post(where, {"segment": by_hand.pk}).status_code in {302, 403}


def test_growth_is_drawn_from_the_second_day_on_and_can_be_read_as_a_table(owner, french):
    today = clock.now().date()
    assert "begins with the second day" in owner.get(url("inspect", french)).text
    for number in range(5):
        SegmentCount.objects.create(segment=french, counted_on=today - timedelta(days=number), count=10 * number)
    page = owner.get(url("inspect", french)).text
    assert "<polyline" in page
    assert "As a table" in page
    with translation.override("fr"):
        assert 'points="0.0,0.0 ' in owner.get(url("inspect", french), headers={"accept-language": "fr"}).text
