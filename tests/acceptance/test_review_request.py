"""Story 1: a shop's order becomes a review request. Told only through HTTP, SMTP and the clock."""

from __future__ import annotations

import random
import re

import pytest
import requests

from django.urls import reverse

from tests.acceptance.office import text
from tests.drawing import key, scenario
from tests.shop.recordings import HMAC_SECRET, HOOKS, life_of_order_21


CUSTOMER = "zoe.1795281502@example.com"
ORDERED_AT = "2026-11-21T17:20:00+00:00"
NINE_DAYS_LATER = "2026-11-30T17:20:00+00:00"
TEN_DAYS_LATER = "2026-12-01T17:21:00+00:00"
A_MONTH_LATER = "2026-12-21T17:20:00+00:00"

pytestmark = pytest.mark.django_db(transaction=True)


def in_turn(webhooks):
    return list(webhooks)


def shuffled(webhooks):
    return random.Random(21).sample(list(webhooks), len(list(webhooks)))


def twice(webhooks):
    return [webhook for webhook in webhooks for _time in range(2)]


@pytest.fixture
def shop(office, key_server, clock_at):
    """A connected shop, an e-mail in two languages and a published scenario: all by the admin's forms."""
    clock_at("2026-11-21T17:00:00+00:00")
    office.connect_shop(
        name="Saleor",
        url=key_server.url,
        hmac_secret=HMAC_SECRET,
        review_url="https://shop.example/review/{order_number}",
        is_active="on",
    )
    first = write_messages(office, "How was it?", "Jak było?")
    second = write_messages(office, "Did you forget us?", "Zapomniałaś o nas?")
    office.publish_scenario("Review request", review_scenario(first, second))
    page = office.page(reverse("flows_shops:index"))
    inspect = office.page(
        next(link["href"] for link in page.select("a") if "/flows/shops/inspect/" in link.get("href", ""))
    )
    return re.search(r"/flows/shops/[0-9a-f-]{36}/", inspect.get_text() + str(inspect)).group()


def write_messages(office, english: str, polish: str) -> str:
    """One e-mail and its Polish translation, published; its translation key, as the admin shows it."""
    body = [
        ("text", text("<p>{{ contact.first_name }}</p>")),
        ("order_lines", {"has_pictures": "on", "review_link_text": "Write a review"}),
    ]
    office.publish_message(
        reverse("flows_messages:add"),
        body,
        name=english,
        subject=f"{english} #{{{{ order.number }}}}",
        stream="commercial",
        basis="existing_customer",
        asks_for_review="on",
    )
    return office.translate(english, "pl", body, subject=f"{polish} #{{{{ order.number }}}}")


def review_scenario(first: str, second: str) -> dict:
    graph = scenario("delivered > wait 10d after event > send first > wait 7d > send second ! cancelled")
    messages = {key("first"): first, key("second"): second}
    for step in graph["steps"]:
        if step["kind"] == "send_email":
            step["message"] = messages[step["message"]]
    return graph


def tell(live_server, door: str, webhooks) -> None:
    for webhook in webhooks:
        headers = {name: value for name, value in webhook.headers.items() if name not in {"Host", "Content-Length"}}
        answer = requests.post(live_server.url + door, data=webhook.body, headers=headers, timeout=30)
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("arranged", [in_turn, shuffled, twice])
@pytest.mark.parametrize("hook", HOOKS)
def test_ten_days_after_delivery_one_review_request_arrives(shop, live_server, smtp_sink, work, hook, arranged):
    tell(live_server, shop, arranged(life_of_order_21(hook)))
    work(ORDERED_AT)
    work(NINE_DAYS_LATER)
    assert smtp_sink.received == []

    work(TEN_DAYS_LATER)
    work(TEN_DAYS_LATER)
    [mail] = smtp_sink.received
    assert mail.recipients == (CUSTOMER,)
    assert mail.message["Subject"] == "Jak było? #21"
    for part in ("plain", "html"):
        assert "Apple Juice" in mail.body(part)
        assert "Monospace Tee" in mail.body(part)
        assert "https://shop.example/review/21" in mail.body(part)


def test_leaving_by_one_click_stops_the_rest(shop, live_server, smtp_sink, work):
    tell(live_server, shop, life_of_order_21("sub-jws"))
    work(ORDERED_AT)
    work(TEN_DAYS_LATER)
    [mail] = smtp_sink.received
    assert mail.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = re.search(r"<(http[^>]+)>", mail.message["List-Unsubscribe"]).group(1)
    assert requests.get(link, timeout=30).status_code == 200
    answer = requests.post(link, data={"List-Unsubscribe": "One-Click"}, timeout=30, allow_redirects=False)
    assert answer.status_code == 200

    work(A_MONTH_LATER)
    assert len(smtp_sink.received) == 1


def test_who_does_not_leave_gets_the_second_one_too(shop, live_server, smtp_sink, work):
    tell(live_server, shop, life_of_order_21("sub-jws"))
    work(ORDERED_AT)
    work(TEN_DAYS_LATER)
    work(A_MONTH_LATER)
    assert [mail.message["Subject"] for mail in smtp_sink.received] == ["Jak było? #21", "Zapomniałaś o nas? #21"]


def test_a_link_that_is_only_looked_at_changes_nothing(shop, live_server, smtp_sink, work):
    tell(live_server, shop, life_of_order_21("sub-jws"))
    work(ORDERED_AT)
    work(TEN_DAYS_LATER)
    link = re.search(r"<(http[^>]+)>", smtp_sink.received[0].message["List-Unsubscribe"]).group(1)
    for look in (requests.get, requests.head):
        assert look(link, timeout=30).status_code == 200
    work(A_MONTH_LATER)
    assert len(smtp_sink.received) == 2


def test_who_is_never_asked_for_a_review_gets_none_and_the_delivery_says_why(
    shop, office, live_server, smtp_sink, work
):
    tell(live_server, shop, life_of_order_21("sub-hmac"))
    work(ORDERED_AT)
    contacts = office.page(reverse("flows_contacts:index"))
    row = next(row for row in contacts.select("tr") if CUSTOMER in row.get_text())
    edit = next(link["href"] for link in row.select("a") if "/edit/" in link.get("href", ""))
    office.fill(edit, is_never_asked_for_review="on")

    work(A_MONTH_LATER)
    assert smtp_sink.received == []
    page = office.page(reverse("flows_deliveries:index"))
    delivery = next(link["href"] for link in page.select("a") if "/inspect/" in link.get("href", ""))
    assert "never ask" in office.page(delivery).get_text().lower()
