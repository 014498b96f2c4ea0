"""Indexes that Django doesn't have for every database."""

import pytest

from django.db import connection

from wagtail_flows.contacts.models import Suppression


@pytest.mark.django_db
def test_a_suppression_is_found_by_its_hash_in_one_page_on_postgresql_and_by_a_plain_index_elsewhere():
    with connection.cursor() as cursor:
        made = connection.introspection.get_constraints(cursor, Suppression._meta.db_table)
    found = made["flows_suppression_by_hash"]
    assert found["columns"] == ["key_hash"]
    assert found["type"] == ("hash" if connection.vendor == "postgresql" else "idx")
