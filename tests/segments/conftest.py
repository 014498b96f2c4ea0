import pytest

from wagtail_flows.segments import registration


@pytest.fixture(autouse=True)
def _sources():
    registration.register()
