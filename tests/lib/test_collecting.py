"""Working without the garbage collector."""

import gc

import pytest

from wagtail_flows.lib.collecting import without_collecting


def test_it_is_put_off_only_as_long_as_the_work_takes():
    with without_collecting():
        assert not gc.isenabled()
        with without_collecting():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_goes_on_after_an_error():
    with pytest.raises(ZeroDivisionError), without_collecting():
        _ = 1 / 0
    assert gc.isenabled()


def test_a_process_that_does_without_it_is_left_so():
    gc.disable()
    try:
        with without_collecting():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
