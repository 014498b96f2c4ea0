"""Every address of our admin, for one who may, one who may only read, one who may not, and a stranger.

The addresses are found by walking what is registered, so a new view is tested the day it is made.
"""

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, get_resolver, reverse
from wagtail.admin.viewsets import viewsets
from wagtail.models import ModelLogEntry

from wagtail_flows.models import __all__ as model_names


READ = {"index", "index_results", "inspect", "list", "list_results", "sample"}
READ |= {"members", "members_results", "explain"}
READ |= {"versions", "compare_versions", "export"}
CHOOSE = {"choose", "choose_results", "chosen", "chosen_multiple"}
# What the editor of rules asks; it answers everybody who may read segments.
ASK = {"count", "catalogue", "references"}
POST_ONLY = {"property", "suppress", "leave", "ask", "check", "apply", "sent", "not_sent", "pause", "resume", "limits"}
POST_ONLY |= {"renew", "put", "take", "again", "out", "skip"}
# What a reader of snippets gets from Wagtail's own workflow views is decided by the task, tested apart.
BY_TASK = {"workflow_action", "collect_workflow_action_data", "workflow_preview"}
WRITING = ("INSERT", "UPDATE", "DELETE")
# Wagtail's own upkeep on GET: sessions, the record of who is editing, stale states of previews.
NOT_OURS = ("django_session", "wagtailadmin_editingsession", "wagtailadmin_formstate", "wagtailcore_modellogentry")


def our_viewsets():
    get_resolver().url_patterns  # fills the registry  # noqa: B018
    ours = [viewset for viewset in viewsets.viewsets if isinstance(getattr(viewset, "model", None), type)]
    return [viewset for viewset in ours if viewset.model.__name__ in model_names]


def addresses(world):
    """(kind of view, address) of every view that any of our viewsets registered."""
    for viewset in our_viewsets():
        row = world.row_of(viewset.model)
        for pattern in viewset.get_urlpatterns():
            yield pattern.name, address_of(viewset, pattern, row)


def address_of(viewset, pattern, row):
    values = {"pk": row.pk, "revision_id": 1, "revision_id_a": "earliest", "revision_id_b": "latest"}
    values["kind"] = "list"
    values |= {"action_name": "approve", "task_state_id": 1, "workflow_state_id": 1, "task_id": 1}
    if hasattr(row, "latest_revision_id"):
        values["revision_id"] = row.latest_revision_id
    names = pattern.pattern.regex.groupindex
    kwargs = {name: values[name] for name in names}
    try:
        url = reverse(viewset.get_url_name(pattern.name), kwargs=kwargs)
    except NoReverseMatch as problem:
        raise AssertionError(f"{viewset}: {pattern.name} has no address for {kwargs}") from problem
    return f"{url}?id={row.pk}" if pattern.name == "chosen_multiple" else url


def is_let_in(response):
    """405 is what a view that is for POST only says to who may."""
    return response.status_code in {200, 405, 409}


def is_refused(response):
    """Sent home with a message, as Wagtail does it; or not allowed, or not told that it exists."""
    sent_home = response.status_code == 302 and response.url == reverse("wagtailadmin_home")
    return sent_home or response.status_code in {403, 404, 405}


def test_the_walk_finds_every_kind_of_view(world):
    names = {name for name, _url in addresses(world)}
    assert names >= READ | CHOOSE | POST_ONLY | {"add", "edit", "delete", "history", "usage"}
    assert names >= {"preview_on_edit", "revisions_revert", "revisions_compare", "lock", "unpublish", "copy"}
    assert len(our_viewsets()) >= 13


def test_who_may_opens_every_page(client, world, who_may):
    client.force_login(who_may)
    shut = [
        (name, url, response.status_code)
        for name, url in addresses(world)
        if name not in BY_TASK
        and not is_let_in(response := client.get(url))
        and name not in {"workflow_history_detail", "create", "confirm_workflow_cancellation", "revisions_unschedule"}
    ]
    assert shut == []


def test_who_may_only_read_gets_listings_and_pages_and_choosers_and_nothing_else(client, world, who_reads):
    client.force_login(who_reads)
    for name, url in addresses(world):
        expected = name in READ | CHOOSE | ASK
        assert is_let_in(client.get(url)) == expected, (name, url)
        if not expected:
            assert is_refused(client.post(url)), (name, url)


def test_who_may_not_gets_nothing(client, world, who_may_not):
    client.force_login(who_may_not)
    for name, url in addresses(world):
        assert not is_let_in(client.get(url)), (name, url)
        assert is_refused(client.post(url)), (name, url)


def test_a_stranger_is_asked_to_log_in(client, world):
    for name, url in addresses(world):
        response = client.get(url)
        assert response.status_code == 302, (name, url)
        assert response.url.startswith("/admin/login/"), (name, url)


def test_looking_changes_nothing(client, world, who_may):
    client.force_login(who_may)
    before = ModelLogEntry.objects.count()
    for name, url in addresses(world):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(url)
        written = [query["sql"] for query in queries if query["sql"].startswith(WRITING)]
        assert [sql for sql in written if not any(table in sql for table in NOT_OURS)] == [], (name, url)
    assert ModelLogEntry.objects.count() == before


@pytest.mark.parametrize("address", ["contacts", "suppressions", "deliveries", "enrollments"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_exporting_addresses_needs_its_own_permission(client, world, who_may, who_reads, address, kind):
    url = reverse(f"flows_{address}:index")
    client.force_login(who_reads)
    assert "Download" not in client.get(url).text
    for shown in (url, reverse(f"flows_{address}:index_results")):
        assert client.get(shown, {"export": kind}).status_code in {302, 403}
    client.force_login(who_may)
    assert "Download" in client.get(url).text
    response = client.get(url, {"export": kind})
    assert response.status_code == 200
    assert "attachment" in response["Content-Disposition"]


def test_the_menu_shows_only_what_one_may_open(client, world, who_may, who_may_not):
    client.force_login(who_may)
    assert "flows/contacts/" in client.get("/admin/").text
    client.force_login(who_may_not)
    assert "flows/contacts/" not in client.get("/admin/").text


def test_the_page_of_a_contact_hides_what_one_may_not_read(client, world, django_user_model):
    from tests.admin.conftest import our_permissions, person  # noqa: PLC0415

    only_contacts = person(django_user_model, "desk", our_permissions().filter(codename="view_contact"))
    client.force_login(only_contacts)
    page = client.get(reverse("flows_contacts:inspect", args=[world.contact.pk])).text
    assert "Yes, write to me" in page
    assert "Merci Anna" not in page
    assert "41.99" not in page
    assert "After delivery" not in page
