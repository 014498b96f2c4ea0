"""The short storm: killed workers, cut connections and a rude server; nobody gets a mail twice, and none is lost."""

import pytest

from tests.chaos.plan import SHORT
from tests.chaos.storm import storm


pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes, pytest.mark.slow]


def test_fifteen_hundred_mails_in_a_storm_arrive_once(wagtail_site, database_url):
    account = storm(SHORT, database_url)
    assert account.violations() == []
    assert account.statuses["sent"] > SHORT.sends * 0.9
