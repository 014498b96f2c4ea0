from collections.abc import Iterator

import pytest

from django.test import Client
from wagtail.models import Locale

from tests.contacts.conftest import Heard
from tests.formsite.models import BentField, BentPage, ContactField, ContactPage
from wagtail_flows.contacts import signals
from wagtail_flows.contacts.models import MailingList


@pytest.fixture
def weekly(wagtail_site) -> MailingList:
    return MailingList.objects.create(name="weekly", public_name="Weekly news")


@pytest.fixture
def drops(wagtail_site) -> MailingList:
    return MailingList.objects.create(name="drops", public_name="New arrivals")


@pytest.fixture
def heard() -> Iterator[Heard]:
    ear = Heard()
    signals.confirmation_wanted.connect(ear.confirmation)
    signals.already_subscribed.connect(ear.already)
    yield ear
    signals.confirmation_wanted.disconnect(ear.confirmation)
    signals.already_subscribed.disconnect(ear.already)


@pytest.fixture
def visitor() -> Client:
    return Client()


@pytest.fixture
def contact_page(wagtail_site, weekly) -> ContactPage:
    """A published contact form: address, names, text, and an opt-in to the weekly news."""
    page = ContactPage(title="Contact", slug="contact", locale=Locale.objects.get(language_code="en"))
    wagtail_site.root_page.add_child(instance=page)
    for field in (
        ContactField(label="Your e-mail", field_type="email", required=True),
        ContactField(label="First name", field_type="singleline", required=False),
        ContactField(label="Family name", field_type="singleline", required=False, flows_maps_to="last_name"),
        ContactField(label="Text", field_type="multiline", required=False),
        ContactField(
            label="Send me the weekly news",
            help_text="Once a week; leave at any time & for free.",
            field_type="flows_opt_in",
            default_value="on",
            flows_list=weekly,
        ),
    ):
        page.form_fields.add(field)
    page.save_revision().publish()
    return ContactPage.objects.get(pk=page.pk)


@pytest.fixture
def bent_page(wagtail_site, weekly) -> BentPage:
    page = BentPage(title="Bent", slug="bent", locale=Locale.objects.get(language_code="en"))
    wagtail_site.root_page.add_child(instance=page)
    page.questions.add(BentField(label="Address", field_type="singleline", flows_maps_to="email"))
    page.questions.add(BentField(label="News", field_type="flows_opt_in", flows_list=weekly))
    page.save_revision().publish()
    return page


ANSWERS = {
    "your_e_mail": "Ada@example.org",
    "first_name": "Ada",
    "family_name": "Lovelace",
    "text": "Hello.",
    "send_me_the_weekly_news": "on",
}


@pytest.fixture
def answers() -> dict[str, str]:
    """What a visitor who ticks the box sends."""
    return dict(ANSWERS)
