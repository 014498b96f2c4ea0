"""What the page of a scenario says about its random splits."""

from datetime import UTC, datetime, timedelta

import pytest

from django.urls import reverse

from tests.drawing import choosing
from wagtail_flows.engine.models import SplitWinner
from wagtail_flows.lib import clock
from wagtail_flows.scenarios.graph import parse
from wagtail_flows.scenarios.models import Scenario


pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def published(by: str = "clicks") -> Scenario:
    branches = [{"outlet": outlet, "weight": 1} for outlet in ("short", "long")]
    winner = {"by": by, "sample": 2, "after": {"amount": 7, "unit": "days"}}
    days = {"within_days": 7} if by == "revenue" else {}
    step = {"kind": "random_split", "branches": branches, "winner": {**winner, **days}}
    made = Scenario(name="Two ways", graph=choosing("placed", step, short="exit", long="wait 1d > exit"))
    with clock.moved(NOW):
        made.save()
        made.save_revision().publish()
    made.refresh_from_db()
    return made


def looked(made: Scenario, outlet: str = "", doubt: str = "", **fields) -> SplitWinner:
    values = {
        "fingerprint": parse(made.graph).step("choose").fingerprint,
        "numbers": {
            "by": "clicks",
            "branches": [
                {"outlet": "short", "people": 200, "score": "25"},
                {"outlet": "long", "people": 0, "score": "0"},
            ],
        },
    }
    found = {**values, "looked_at": NOW + timedelta(days=7), **fields}
    return SplitWinner.objects.create(scenario=made, step="choose", outlet=outlet, doubt=doubt, **found)


def page(client, made: Scenario) -> str:
    return client.get(reverse("flows_scenarios:inspect", args=[made.pk])).text


def test_a_winner_stands_there_with_what_was_seen(admin_client):
    made = published()
    looked(made, "short", decided_at=NOW + timedelta(days=7))
    told = page(admin_client, made)
    assert "Random splits" in told
    assert "short: 25 of 200 people, 12.5 %" in told
    assert "long: 0 of 0 people, 0.0 %" in told


@pytest.mark.parametrize(
    ("doubt", "words"),
    [("too_few", "None yet, too few people: the weights hold."), ("tie", "None yet, a tie: the weights hold.")],
)
def test_why_there_is_no_winner_and_when_it_is_looked_for_next(admin_client, doubt, words):
    made = published()
    assert "Not looked for yet: the weights hold." in page(admin_client, made)
    looked(made, doubt=doubt)
    told = page(admin_client, made)
    assert words in told
    assert "03/10/2026" in told


def test_revenue_has_a_currency_and_says_what_it_left_out(admin_client):
    made = published("revenue")
    told = [{"outlet": "short", "people": 4, "score": "350.5"}, {"outlet": "long", "people": 2, "score": "0"}]
    numbers = {"by": "revenue", "branches": told, "currency": "EUR", "others": 2}
    looked(made, "short", numbers=numbers)
    text = page(admin_client, made)
    assert "short: 350.5 EUR of 4 people, 87.62 EUR each" in text
    assert "left out: 2 orders in other currencies" in text


def test_what_won_as_it_was_drawn_earlier_is_told_apart(admin_client):
    made = published()
    looked(made, "short", fingerprint="another")
    assert "short (as it was drawn earlier)" in page(admin_client, made)


def test_a_scenario_without_such_a_split_says_nothing_about_it(admin_client, world):
    assert "Random splits" not in page(admin_client, world.scenario)
