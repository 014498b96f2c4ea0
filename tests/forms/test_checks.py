import pytest

from django.apps.registry import Apps
from django.db import connection, models
from django.db.migrations.recorder import MigrationRecorder
from django.test.utils import isolate_apps
from modelcluster.fields import ParentalKey
from wagtail.contrib.forms.forms import FormBuilder
from wagtail.contrib.forms.models import AbstractForm, AbstractFormField

from tests.formsite.models import BentPage, BentPageForm, ContactPage, PuzzleBuilder
from wagtail_flows.forms import checks
from wagtail_flows.forms.builder import with_opt_in
from wagtail_flows.forms.models import OptInFormFieldMixin, OptInFormMixin


class Models:
    """Stands for an app config with these models."""

    def __init__(self, *found: type[models.Model]) -> None:
        self.found = found

    def get_models(self) -> tuple[type[models.Model], ...]:
        return self.found


def ids(*found: type[models.Model]) -> list[str]:
    return [message.id for message in checks.opt_in_mixins_come_first([Models(*found)])]


def test_the_mixins_in_their_place_are_fine():
    assert ids(ContactPage, BentPage, ContactPage.form_fields.rel.related_model) == []


@isolate_apps("tests.formsite")
def test_a_page_with_the_mixin_behind_is_an_error():
    class BackwardPage(AbstractForm, OptInFormMixin):
        class Meta:
            app_label = "formsite"

    assert ids(BackwardPage) == ["wagtail_flows.E101"]


@isolate_apps("tests.formsite")
def test_a_field_with_the_mixin_behind_is_an_error():
    class BackwardField(AbstractFormField, OptInFormFieldMixin):
        class Meta:
            app_label = "formsite"

    assert ids(BackwardField) == ["wagtail_flows.E102"]


@isolate_apps("tests.formsite", "wagtail")
def test_a_page_whose_fields_cannot_be_opt_ins_is_warned_about():
    class HalfPage(OptInFormMixin, AbstractForm):
        class Meta:
            app_label = "formsite"

    class HalfField(AbstractFormField):
        page = ParentalKey(HalfPage, on_delete=models.CASCADE, related_name="form_fields")

        class Meta:
            app_label = "formsite"

    assert isinstance(HalfPage._meta.apps, Apps)
    assert ids(HalfPage) == ["wagtail_flows.W101"]


@pytest.mark.django_db
def test_a_published_form_that_subscribes_nobody_is_warned_about(contact_page):
    assert checks.published_opt_ins_know_an_address(databases=["default"]) == []
    contact_page.form_fields.filter(field_type="email").delete()
    assert [m.id for m in checks.published_opt_ins_know_an_address(databases=["default"])] == ["wagtail_flows.W102"]
    ContactPage.objects.update(live=False)
    assert checks.published_opt_ins_know_an_address(databases=["default"]) == []


@pytest.mark.django_db
def test_a_database_that_is_yet_to_be_migrated_is_left_alone(contact_page):
    contact_page.form_fields.filter(field_type="email").delete()
    MigrationRecorder(connection).record_unapplied("formsite", "0001_initial")
    assert checks.published_opt_ins_know_an_address(databases=["default"]) == []


@pytest.mark.django_db
def test_pages_whose_fields_have_another_name_are_looked_at_too(bent_page):
    assert checks.published_opt_ins_know_an_address(databases=["default"]) == []


@pytest.mark.django_db
def test_an_opt_in_without_a_list_is_warned_about(contact_page):
    contact_page.form_fields.filter(field_type="flows_opt_in").update(flows_list=None)
    assert [m.id for m in checks.published_opt_ins_know_an_address(databases=["default"])] == ["wagtail_flows.W102"]


def test_whatever_builder_and_admin_form_a_page_has_are_extended_not_replaced():
    assert issubclass(BentPage.form_builder, PuzzleBuilder)
    assert issubclass(BentPage.base_form_class, BentPageForm)
    extended = with_opt_in(FormBuilder)
    assert issubclass(extended, FormBuilder)
    assert with_opt_in(extended) is extended
