import pytest

from django.db import connection, transaction

from tests.together import at_the_same_time, without_errors
from wagtail_flows.lib import clock
from wagtail_flows.lib.db import locked, skip_locked
from wagtail_flows.lib.models import RateCount


@pytest.mark.django_db(transaction=True)
def test_rows_that_another_holds_are_left_out():
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one writer in at a time, so there is nobody to leave rows to")
    RateCount.objects.create(key="a", window_starts_at=clock.now())
    with transaction.atomic():
        assert len(locked(RateCount.objects.all())) == 1
        seen = without_errors(at_the_same_time(_seen_by_another))
    assert seen == [0]
    assert _seen_by_another() == 1


def _seen_by_another() -> int:
    with transaction.atomic():
        return len(skip_locked(RateCount.objects.order_by("id")))
