import pytest

from wagtail.models import Site

from wagtail_flows.lib.languages import spoken
from wagtail_flows.lib.public_urls import NoPublicAddress, absolute_url


@pytest.mark.django_db
def test_the_site_given_comes_first_then_the_setting_then_the_default_site(wagtail_site, settings):
    other = Site(hostname="shop.example.org", port=443)
    assert absolute_url("/flows/x/") == "http://localhost/flows/x/"
    settings.FLOWS_BASE_URL = "https://example.org/"
    assert absolute_url("/flows/x/") == "https://example.org/flows/x/"
    assert absolute_url("/flows/x/", other) == "https://shop.example.org/flows/x/"


@pytest.mark.django_db
def test_without_any_host_it_says_what_to_do(wagtail_site, settings):
    Site.objects.all().delete()
    settings.FLOWS_BASE_URL = None
    with pytest.raises(NoPublicAddress, match="FLOWS_BASE_URL"):
        absolute_url("/flows/x/")


@pytest.mark.parametrize(
    ("codes", "language"),
    [
        (["pl"], "pl"),
        (["pl-PL"], "pl"),
        (["pl_PL"], "pl"),
        (["xx", "fr"], "fr"),
        (["", "fr-CA"], "fr"),
        (["xx"], "en"),
        (["../../etc"], "en"),
        (["x" * 600], "en"),
        ([], "en"),
    ],
)
def test_a_person_is_answered_in_a_language_that_the_site_speaks(codes, language):
    assert spoken(codes, fallback="en") == language
