from collections.abc import Iterator

import pytest

from wagtail_flows.contacts import signals
from wagtail_flows.contacts.models import Contact, MailingList
from wagtail_flows.contacts.subscriptions import Evidence
from wagtail_flows.contacts.verbs import get_or_create_contact
from wagtail_flows.lib import clock


@pytest.fixture
def weekly(wagtail_site) -> MailingList:
    """A list with double opt-in."""
    return MailingList.objects.create(name="weekly", public_name="Weekly news")


@pytest.fixture
def drops(wagtail_site) -> MailingList:
    """A list without double opt-in."""
    return MailingList.objects.create(name="drops", public_name="New arrivals", is_double_opt_in=False)


@pytest.fixture
def ada(wagtail_site) -> Contact:
    return get_or_create_contact("Ada@Example.org", locale="en", now=clock.now())


@pytest.fixture
def proof() -> Evidence:
    return Evidence(
        wording="Yes, send me the news", source="form", page_url="https://example.org/contact/", locale="en"
    )


class Heard(list):
    """The names of the signals sent, in order."""

    def confirmation(self, **kwargs) -> None:
        self.append(("confirmation", kwargs["subscription"].pk, kwargs["locale"]))

    def invitation(self, **kwargs) -> None:
        self.extend(("invitation", one.pk, "") for one in kwargs["subscriptions"])

    def already(self, **kwargs) -> None:
        self.append(("already", kwargs["subscription"].pk, kwargs["locale"]))

    @property
    def kinds(self) -> list[str]:
        return [kind for kind, *_rest in self]


@pytest.fixture
def heard() -> Iterator[Heard]:
    """Listens to what contacts tells the rooms above."""
    ear = Heard()
    signals.confirmation_wanted.connect(ear.confirmation)
    signals.invitations_wanted.connect(ear.invitation)
    signals.already_subscribed.connect(ear.already)
    yield ear
    signals.confirmation_wanted.disconnect(ear.confirmation)
    signals.invitations_wanted.disconnect(ear.invitation)
    signals.already_subscribed.disconnect(ear.already)


@pytest.fixture
def make_contact(wagtail_site):
    """Make contacts by address."""
    return lambda address, **told: get_or_create_contact(address, now=clock.now(), **told)
