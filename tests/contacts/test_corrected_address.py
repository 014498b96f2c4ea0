"""An address corrected in the admin: the person stays the same, the mailbox doesn't."""

import pytest

from django.forms import modelform_factory

from wagtail_flows.contacts.admin_forms import ContactForm
from wagtail_flows.contacts.models import Contact, Suppression
from wagtail_flows.contacts.suppressions import suppress


pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("reason", "follows"), [("unsubscribed", True), ("complained", True), ("manual", True), ("bounced", False)]
)
def test_who_wanted_no_more_mail_gets_none_at_the_corrected_address(ada, reason, follows):
    suppress(ada, "commercial", reason)
    form = modelform_factory(Contact, form=ContactForm, fields=["address"])(
        {"address": "new@example.org"}, instance=ada
    )
    assert form.is_valid(), form.errors
    form.save()
    now_known_as = Contact.objects.get()
    assert now_known_as.key == "new@example.org"
    assert Suppression.objects.filter(key_hash=now_known_as.key_hash, reason=reason).exists() is follows
    assert Suppression.objects.count() == 1 + follows
