"""An editor and a form page with an opt-in, through the admin."""

import pytest

from wagtail.test.utils.form_data import inline_formset, nested_form_data

from tests.formsite.models import ContactPage
from wagtail_flows.lib.form_choices import field_type_choices


pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client, admin_user):
    client.force_login(admin_user)
    return client


def field(label: str, field_type: str, **more) -> dict:
    return {
        "label": label,
        "field_type": field_type,
        "required": "on",
        "clean_name": "",
        "help_text": "",
        "choices": "",
        "default_value": "",
        "flows_list": "",
        "flows_maps_to": "",
        **more,
    }


def send(editor, page: ContactPage, fields: list[dict], **action):
    data = {
        "title": "Contact",
        "slug": "contact",
        "to_address": "",
        "from_address": "",
        "subject": "",
        "form_fields": inline_formset(fields),
        "comments": inline_formset([]),
    }
    return editor.post(f"/admin/pages/{page.pk}/edit/", {**nested_form_data(data), **action})


@pytest.fixture
def blank_page(wagtail_site) -> ContactPage:
    page = ContactPage(title="Contact", slug="contact")
    wagtail_site.root_page.add_child(instance=page)
    return page


def test_an_editor_finds_the_type_and_the_list(editor, contact_page, weekly):
    page = editor.get(f"/admin/pages/{contact_page.pk}/edit/").content.decode()
    assert "Opt-in to a list" in page
    assert "form_fields-0-flows_list" in page
    assert ">weekly</option>" in page


def test_an_opt_in_with_its_list_and_an_address_is_published(editor, blank_page, weekly):
    fields = [field("E-mail", "email"), field("News", "flows_opt_in", flows_list=weekly.pk)]
    assert send(editor, blank_page, fields, **{"action-publish": "1"}).status_code == 302
    stored = ContactPage.objects.get()
    assert [row.flows_list for row in stored.form_fields.all()] == [None, weekly]


def test_an_opt_in_without_a_list_is_not_published(editor, blank_page):
    fields = [field("E-mail", "email"), field("News", "flows_opt_in")]
    response = send(editor, blank_page, fields, **{"action-publish": "1"})
    assert "Choose the list that this opt-in is for." in response.content.decode()
    assert not ContactPage.objects.get().form_fields.exists()


def test_an_opt_in_without_an_address_is_not_published(editor, blank_page, weekly):
    fields = [field("Name", "singleline"), field("News", "flows_opt_in", flows_list=weekly.pk)]
    response = send(editor, blank_page, fields, **{"action-publish": "1"})
    assert "An opt-in needs an e-mail field in the same form" in response.content.decode()
    fields[0]["flows_maps_to"] = "email"
    assert send(editor, blank_page, fields, **{"action-publish": "1"}).status_code == 302


def test_a_draft_may_be_unfinished(editor, blank_page):
    assert send(editor, blank_page, [field("News", "flows_opt_in")]).status_code == 302


def test_a_preview_shows_the_box(editor, contact_page):
    response = contact_page.make_preview_request()
    assert 'name="send_me_the_weekly_news"' in response.rendered_content


def test_an_old_revision_whose_list_was_deleted_can_still_be_opened(editor, contact_page, weekly, drops):
    old = contact_page.latest_revision
    contact_page.form_fields.filter(field_type="flows_opt_in").update(flows_list=drops)
    contact_page.refresh_from_db()
    newer = ContactPage.objects.get(pk=contact_page.pk)
    newer.save_revision().publish()
    weekly.delete()
    url = f"/admin/pages/{contact_page.pk}/revisions/{old.pk}"
    assert editor.get(f"{url}/revert/").status_code == 200
    assert (
        editor.get(
            f"/admin/pages/{contact_page.pk}/revisions/compare/{old.pk}...{newer.latest_revision.pk}/"
        ).status_code
        == 200
    )
    opt_in = next(row for row in old.as_object().form_fields.all() if row.field_type == "flows_opt_in")
    assert opt_in.flows_list is None


def test_our_type_stands_beside_wagtails_own():
    kinds = dict(field_type_choices())
    assert {"singleline", "email", "flows_opt_in"} <= set(kinds)
    assert all(len(kind) <= 32 for kind in kinds)


def test_a_sites_own_admin_form_is_kept_and_checked_too(editor, bent_page):
    data = {
        "title": "Bent",
        "slug": "bent",
        "questions": inline_formset([field("News", "flows_opt_in")]),
        "comments": inline_formset([]),
    }
    response = editor.post(f"/admin/pages/{bent_page.pk}/edit/", {**nested_form_data(data), "action-publish": "1"})
    assert "Choose the list that this opt-in is for." in response.content.decode()
