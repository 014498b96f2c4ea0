"""The settings page of the documentation says what conf.py says."""

from tests.house.settings_reference import PAGE, page


def test_the_page_is_current():
    assert PAGE.read_text(encoding="utf-8") == page(), "Run `make docs`."
