"""Lists, shops, webhooks, deliveries and scenarios in the admin."""

import pytest

from django.urls import reverse
from wagtail.models import ModelLogEntry, Revision

from tests.formsite.models import ContactField, ContactPage
from wagtail_flows.contacts.models import MailingList
from wagtail_flows.messages.models import Delivery, Message
from wagtail_flows.scenarios.models import Scenario
from wagtail_flows.segments.models import Segment
from wagtail_flows.shop.models import Shop


def logged(action):
    return ModelLogEntry.objects.filter(action=f"wagtail_flows.{action}").count()


def test_a_list_counts_its_people(admin_client, world):
    page = admin_client.get(reverse("flows_lists:inspect", args=[world.mailing_list.pk])).text
    assert f"?mailing_list={world.mailing_list.pk}&amp;status=subscribed" in page


def test_a_list_that_a_scenario_names_isnt_deleted_and_says_where(admin_client, world):
    graph = {**world.scenario.graph}
    graph["steps"] = [{**step, "list": str(world.mailing_list.public_id)} for step in graph["steps"]]
    Scenario.objects.update(graph=graph)
    url = reverse("flows_lists:delete", args=[world.mailing_list.pk])
    for answer in (admin_client.get(url), admin_client.post(url)):
        assert "After delivery" in answer.text
        assert "Yes, delete" not in answer.text
    assert MailingList.objects.exists()


def test_a_list_that_a_form_offers_isnt_deleted_and_says_on_which_page(admin_client, world, wagtail_site):
    page = ContactPage(title="Write to us", slug="write")
    wagtail_site.root_page.add_child(instance=page)
    page.form_fields.add(ContactField(label="News", field_type="flows_opt_in", flows_list=world.mailing_list))
    page.save_revision().publish()
    url = reverse("flows_lists:delete", args=[world.mailing_list.pk])
    for answer in (admin_client.get(url), admin_client.post(url)):
        assert answer.status_code in {200, 409}
        assert reverse("wagtailadmin_pages:edit", args=[page.pk]) in answer.text
        assert answer.text.count("Write to us") == 1
    assert MailingList.objects.exists()


def test_a_list_that_nobody_needs_is_deleted_after_a_warning(admin_client, world):
    url = reverse("flows_lists:delete", args=[world.mailing_list.pk])
    assert "1 subscription goes with it" in admin_client.get(url).text
    admin_client.post(url)
    assert not MailingList.objects.exists()


@pytest.mark.parametrize("slug", ["scenarios", "messages"])
def test_a_snippet_in_use_isnt_deleted_one_by_one_or_in_bulk(admin_client, world, slug):
    row = world.scenario if slug == "scenarios" else world.message
    name = row._meta.model_name
    bulk = reverse("wagtail_bulk_action", args=["wagtail_flows", name, "delete"]) + f"?id={row.pk}"
    for url in (reverse(f"flows_{slug}:delete", args=[row.pk]), bulk):
        for answer in (admin_client.get(url), admin_client.post(url)):
            assert answer.status_code == 409
            assert "be deleted" in answer.text
    assert type(row).objects.filter(pk=row.pk).exists()


def shop_data(**changes):
    values = {"name": "Atelier", "adapter": "saleor", "url": "https://shop.example/", "is_active": "on"}
    return {**values, "hmac_secret": "", "transit_days": "", "review_url": "", "site": "", **changes}


def test_a_secret_is_kept_replaced_and_forgotten_but_never_shown(admin_client, world):
    url = reverse("flows_shops:edit", args=[world.shop.pk])
    pages = [reverse(f"flows_shops:{name}", args=[world.shop.pk]) for name in ("edit", "inspect", "history")]
    assert all("never shown" not in admin_client.get(page).text.replace("never shown again", "") for page in pages)
    for typed, stored in (({}, "never shown"), ({"hmac_secret": "new"}, "new"), ({"forget_secret": "on"}, "")):
        admin_client.post(url, shop_data(**typed))
        assert Shop.objects.get().hmac_secret == stored


def test_the_page_of_a_shop_says_what_to_enter_over_there(admin_client, world):
    page = admin_client.get(reverse("flows_shops:inspect", args=[world.shop.pk])).text
    assert f"http://localhost/flows/shops/{world.shop.public_id}/" in page
    assert "subscription EmailAutomation" in page


def test_checking_the_connection_tells_what_went_wrong(admin_client, world):
    Shop.objects.update(url="https://127.0.0.1:1/")
    page = admin_client.post(reverse("flows_shops:check", args=[world.shop.pk]), follow=True)
    assert "The keys could not be read" in page.text


def test_a_webhook_is_shown_escaped_and_applied_again(admin_client, world):
    page = admin_client.get(reverse("flows_webhooks:inspect", args=[world.webhook.pk])).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert(1)" not in page
    admin_client.post(reverse("flows_webhooks:apply", args=[world.webhook.pk]))
    world.webhook.refresh_from_db()
    assert world.webhook.status in {"ignored", "failed", "applied"}
    assert logged("apply_webhook") == 1


@pytest.mark.parametrize("body", [b"\xff\xfe broken", b"{", b"[" * 100_000, b'{"a": "' + b"x" * 300_000 + b'"}'])
def test_any_body_can_be_looked_at(admin_client, world, body):
    world.webhook.body = body
    world.webhook.save()
    page = admin_client.get(reverse("flows_webhooks:inspect", args=[world.webhook.pk]))
    assert page.status_code == 200
    assert len(page.content) < 400_000


def test_a_webhook_without_a_body_cant_be_applied_again(admin_client, world):
    world.webhook.body, world.webhook.status = b"", "refused"
    world.webhook.save()
    page = admin_client.get(reverse("flows_webhooks:inspect", args=[world.webhook.pk])).text
    assert "Apply again" not in page
    answer = admin_client.post(reverse("flows_webhooks:apply", args=[world.webhook.pk]), follow=True)
    assert "refused when it came" in answer.text


@pytest.mark.parametrize(("verb", "status"), [("sent", "sent"), ("not_sent", "failed")])
def test_a_doubtful_delivery_is_settled_by_a_person_and_never_queued(admin_client, world, verb, status):
    url = reverse(f"flows_deliveries:{verb}", args=[world.delivery.pk])
    admin_client.post(url)
    world.delivery.refresh_from_db()
    assert (world.delivery.status, world.delivery.reason) == (status, f"said_{verb}")
    assert world.delivery.ended_at is not None
    assert logged(f"delivery_marked_{verb}") == 1
    again = admin_client.post(url, follow=True)
    assert "no doubt" in again.text
    assert logged(f"delivery_marked_{verb}") == 1


def test_only_doubt_can_be_settled(admin_client, world):
    Delivery.objects.update(status="queued")
    admin_client.post(reverse("flows_deliveries:sent", args=[world.delivery.pk]))
    assert set(Delivery.objects.values_list("status", flat=True)) == {"queued"}


def test_doubt_stands_above_the_listing(admin_client, world):
    page = admin_client.get(reverse("flows_deliveries:index")).text
    assert "Of 1 delivery nobody knows" in page
    Delivery.objects.update(status="sent")
    assert "nobody knows" not in admin_client.get(reverse("flows_deliveries:index")).text


def test_a_message_is_shown_with_made_up_data_in_a_frame_where_nothing_runs(client, world, who_reads):
    client.force_login(who_reads)
    page = client.get(reverse("flows_messages:inspect", args=[world.message.pk])).text
    sample = reverse("flows_messages:sample", args=[world.message.pk])
    assert f'src="{sample}"' in page
    assert f"message_key={world.message.translation_key}" in page
    answer = client.get(sample)
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "default-src 'none'" in answer["Content-Security-Policy"]


def test_deliveries_are_filtered_by_scenario_and_reason(admin_client, world):
    url = reverse("flows_deliveries:index")
    assert "Merci Anna" in admin_client.get(url, {"scenario": world.scenario.pk}).text
    assert "Merci Anna" in admin_client.get(url, {"reason": "no_answer", "status": "uncertain"}).text
    assert "Merci Anna" in admin_client.get(url, {"message_key": world.message.translation_key}).text
    assert "Merci Anna" not in admin_client.get(url, {"reason": "suppressed"}).text


def test_pausing_and_resuming_are_logged_and_touch_nothing_else(admin_client, world):
    revisions = Revision.objects.count()
    for verb, paused in (("pause", True), ("pause", True), ("resume", False)):
        admin_client.post(reverse(f"flows_scenarios:{verb}", args=[world.scenario.pk]))
        assert Scenario.objects.get().is_paused is paused
    assert Revision.objects.count() == revisions
    assert Scenario.objects.get().live


def test_the_page_of_a_scenario_shows_who_is_inside(admin_client, world):
    page = admin_client.get(reverse("flows_scenarios:inspect", args=[world.scenario.pk])).text
    assert "anna@example.org" in page
    assert "send-1" in page
    assert f"?scenario={world.scenario.pk}&amp;status=uncertain" in page


def test_the_page_of_a_scenario_says_what_broke_since_it_was_published(admin_client, world):
    url = reverse("flows_scenarios:inspect", args=[world.scenario.pk])
    segment = Segment.objects.create(name="Gold", rule={"match": "all", "rules": []})
    world.scenario.graph = {**world.scenario.graph, "audience": {"segment": str(segment.public_id), "recheck": True}}
    world.scenario.save_revision().publish()
    assert "“Gold” can" not in admin_client.get(url).text
    Segment.objects.update(rule={"match": "all", "rules": [{"field": "property.gone", "operator": "is", "value": "x"}]})
    assert "The segment “Gold” can&#x27;t be asked, so it would hold for nobody" in admin_client.get(url).text
    Message.objects.update(live=False)
    assert "isn&#x27;t published: publish it first" in admin_client.get(url).text


def test_the_page_of_an_enrollment_tells_what_happened(admin_client, world):
    page = admin_client.get(reverse("flows_enrollments:inspect", args=[world.enrollment.pk])).text
    assert "wait-1" in page
    assert "2026-12-01" in page


@pytest.mark.parametrize(
    "name",
    ["contacts", "lists", "enrollments", "deliveries", "shops", "orders", "webhooks", "suppressions", "properties"],
)
def test_an_empty_listing_says_what_will_stand_there(admin_client, wagtail_site, name):
    page = admin_client.get(reverse(f"flows_{name}:index"))
    assert page.status_code == 200
    assert "flows-empty" in page.text


def test_a_listing_costs_the_same_number_of_queries_however_long_it_is(
    admin_client, world, django_assert_max_num_queries
):
    from tests.admin.crowd import make_crowd  # noqa: PLC0415

    make_crowd(world, 60)
    for slug in ("contacts", "deliveries", "orders"):
        # The badge of the menu is counted once a minute: now, so that it isn't the listing that pays for it.
        admin_client.get(reverse("wagtailadmin_home"))
        with django_assert_max_num_queries(20):
            assert admin_client.get(reverse(f"flows_{slug}:index")).status_code == 200


def test_a_message_can_be_chosen_by_who_may_read_it(client, world, who_reads):
    client.force_login(who_reads)
    chooser = Message.snippet_viewset.chooser_viewset
    assert "Thanks" in client.get(reverse(chooser.get_url_name("choose_results"))).text
