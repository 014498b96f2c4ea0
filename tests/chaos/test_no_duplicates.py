"""The short storm: killed workers, cut connections and a rude server; nobody gets a mail twice, and none is lost."""

import pytest

from django.db import connection

from tests.chaos.plan import FAULTS, SHORT
from tests.chaos.storm import storm


pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes, pytest.mark.slow]


def test_fifteen_hundred_mails_in_a_storm_arrive_once(wagtail_site, database_url):
    account = storm(SHORT, database_url)
    assert account.violations() == []
    # The storm was one.
    assert account.kills == SHORT.kills
    assert account.cuts >= (SHORT.cuts if connection.vendor == "postgresql" else 0)
    assert {point for point, _deed in account.dealt} == {point for point, _deed in FAULTS}
    assert account.statuses["sent"] > SHORT.sends * 0.9
