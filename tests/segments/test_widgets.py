"""The widget gives the editor what it needs, and says the rule in words where there is none."""

import json

import pytest

from bs4 import BeautifulSoup
from django import forms
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.files.storage import FileSystemStorage
from django.urls import reverse
from wagtail.users.models import UserProfile

from tests.drawing import key
from wagtail_flows.contacts.models import MailingList
from wagtail_flows.segments.widgets import RuleEditorWidget


HOSTILE = '</script></textarea><img src=x onerror="alert(1)">'


class RuleForm(forms.Form):
    rule = forms.JSONField(widget=RuleEditorWidget(segment="5f0c"))


def rendered(rule):
    return BeautifulSoup(str(RuleForm(initial={"rule": rule})["rule"]), "html.parser")


def words(soup):
    return " ".join(soup.select_one("[data-flows-rule=words]").get_text(" ").split())


def data(soup):
    return json.loads(soup.select_one("[data-flows-rule=data] script").string)


@pytest.mark.django_db
def test_the_rule_is_said_in_words():
    MailingList.objects.create(name="Offers", public_name="Offers", public_id=key("offers"))
    clause = {"field": "list.subscribed", "operator": "in_any_of", "value": [str(key("offers"))]}
    soup = rendered({"match": "all", "rules": [clause]})
    assert "Offers" in words(soup)
    assert data(soup)["problems"] == []


@pytest.mark.django_db
def test_the_editor_is_told_where_to_ask_and_what_can_be_asked():
    told = data(rendered({}))
    assert told["urls"]["count"] == reverse("flows_segments:count")
    assert "__kind__" in told["urls"]["references"]
    assert {"contact.locale", "list.subscribed"} <= {field["name"] for field in told["catalogue"]["fields"]}
    assert told["segment"] == "5f0c"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "rule",
    [
        {"match": "all", "rules": [{"field": HOSTILE, "operator": "is", "value": HOSTILE}]},
        {"match": HOSTILE, "rules": HOSTILE},
        [HOSTILE],
        HOSTILE,
    ],
)
def test_a_rule_that_cannot_be_read_is_shown_as_it_is_with_its_problems(rule):
    soup = rendered(rule)
    assert soup.select("img") == []
    assert json.loads(soup.select_one("textarea").string) == rule
    assert data(soup)["problems"]
    assert json.loads(soup.select_one("pre").string) == rule


@pytest.mark.django_db
def test_what_was_sent_and_is_no_json_is_sent_back_as_it_was():
    form = RuleForm({"rule": '{"match": '})
    assert not form.is_valid()
    assert BeautifulSoup(str(form["rule"]), "html.parser").select_one("textarea").string.strip() == '{"match":'


@pytest.mark.django_db
def test_the_build_names_no_other_file(tmp_path):
    """So that it survives the storage that looks for each file that is named, and fails for one that isn't there."""
    storage = ManifestStaticFilesStorage(location=tmp_path)
    found = FileSystemStorage("wagtail_flows/static/wagtail_flows/dist")
    paths = {name: (found, name) for name in ("rule-editor.js", "rule-editor.css")}
    for name in paths:
        with found.open(name) as file:
            storage.save(name, file)
    for _name, _hashed, processed in storage.post_process(paths):
        assert not isinstance(processed, Exception)


def test_the_words_of_the_editor_are_served_in_french(client, admin_user):
    UserProfile.objects.create(user=admin_user, preferred_language="fr")
    client.force_login(admin_user)
    answer = client.get(reverse("flows_javascript_catalogue"))
    assert "Ajouter une condition" in answer.content.decode()


@pytest.mark.django_db
def test_the_words_are_for_the_admin_only(client):
    assert client.get(reverse("flows_javascript_catalogue")).status_code == 302
