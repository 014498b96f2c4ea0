"""Chromium can be driven against the live site."""

import pytest


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_login_page_opens(page, live_server):
    page.goto(f"{live_server.url}/admin/login/")
    assert page.get_by_label("Username").is_visible()
