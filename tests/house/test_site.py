"""The ground that the other tests stand on."""

import pytest

from django.db import connection
from wagtail.models import Locale


def test_the_admin_answers(admin_client):
    assert admin_client.get("/admin/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_the_site_is_there_after_the_tables_were_emptied(wagtail_site):
    assert wagtail_site.root_page.get_root().is_root()
    assert Locale.objects.count() == 3


@pytest.mark.django_db
def test_sqlite_waits_for_its_turn():
    if connection.vendor != "sqlite":
        pytest.skip("about SQLite")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        assert cursor.fetchone() == ("wal",)
    assert connection.settings_dict["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
