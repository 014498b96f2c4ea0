"""The tutorial can be followed, word for word, to its end."""

import pytest

from tests.browser.how_tos import show
from tests.browser.stage import stage_on_a_demo
from tests.browser.tutorial import play


pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.slow, pytest.mark.processes]


def test_the_tutorial_can_be_followed_to_its_end(browser, tmp_path):
    with stage_on_a_demo(browser, tmp_path) as stage:
        play(stage)
        show(stage)
    assert (tmp_path / "contact.png").exists()
    assert (tmp_path / "attention.png").exists()
