"""What an export does to text that a spreadsheet would compute."""

from hypothesis import given
from hypothesis import strategies as st

from wagtail_flows.lib.admin_listing import FORMULA_STARTS, without_formula


@given(st.text())
def test_no_cell_begins_like_a_formula(text):
    assert not without_formula(text).startswith(FORMULA_STARTS)


@given(st.text())
def test_nothing_of_the_text_is_lost(text):
    assert without_formula(text).endswith(text)
