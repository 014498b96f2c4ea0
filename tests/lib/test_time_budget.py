"""A query that takes too long is stopped; what comes after it isn't."""

import pytest

from django.db import OperationalError, connection, transaction

from wagtail_flows.contacts.models import Contact
from wagtail_flows.lib.time_budget import TookTooLong, within


ENDLESS = "WITH RECURSIVE endless(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM endless) SELECT count(*) FROM endless"


def ask(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()


@pytest.mark.django_db
def test_what_takes_too_long_is_stopped_and_the_transaction_goes_on():
    with transaction.atomic():
        with pytest.raises(TookTooLong), within(0.05):
            ask(ENDLESS)
        assert Contact.objects.count() == 0


@pytest.mark.django_db
def test_what_is_in_time_is_answered_and_the_limit_ends_with_the_block():
    with within(0.05):
        assert ask("SELECT 1") == (1,)
    long_enough = "SELECT count(*) FROM (WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 400000) SELECT n FROM r) AS x"  # noqa: E501
    assert ask(long_enough) == (400_000,)


@pytest.mark.django_db
@pytest.mark.postgres
def test_the_limit_that_was_set_before_comes_back(request):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 12345")
        with within(1):
            pass
        assert ask("SHOW statement_timeout") == ("12345ms",)
        with pytest.raises(TookTooLong), within(0.05):
            ask(ENDLESS)
        assert ask("SHOW statement_timeout") == ("12345ms",)


@pytest.mark.django_db
def test_other_errors_stay_what_they_are():
    with pytest.raises(Exception, match="nowhere") as caught, within(1), transaction.atomic():
        ask("SELECT * FROM nowhere")
    assert not isinstance(caught.value, TookTooLong)
    assert issubclass(TookTooLong, Exception)
    assert not issubclass(TookTooLong, OperationalError)
