"""Form pages as sites have them: with e-mail to the owner, and bent in the ways that packages and projects bend them"""

from django import forms
from django.db import models
from django.http import HttpResponse
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel
from wagtail.contrib.forms.forms import FormBuilder, WagtailAdminFormPageForm
from wagtail.contrib.forms.models import AbstractEmailForm, AbstractForm, AbstractFormField

from wagtail_flows.forms.models import OptInFormFieldMixin, OptInFormMixin


class ContactField(OptInFormFieldMixin, AbstractFormField):
    page = ParentalKey("ContactPage", on_delete=models.CASCADE, related_name="form_fields")


class ContactPage(OptInFormMixin, AbstractEmailForm):
    template = "formsite/form.html"
    landing_page_template = "formsite/landing.html"
    content_panels = [
        *AbstractEmailForm.content_panels,
        InlinePanel("form_fields"),
        FieldPanel("to_address"),
        FieldPanel("from_address"),
        FieldPanel("subject"),
    ]


class BentField(OptInFormFieldMixin, AbstractFormField):
    page = ParentalKey("BentPage", on_delete=models.CASCADE, related_name="questions")


class PuzzleBuilder(FormBuilder):
    """As captcha packages do: one more field, which the page takes out again before it stores the answers."""

    def get_form_class(self):
        return type("PuzzleForm", (super().get_form_class(),), {"puzzle": forms.CharField()})


class PuzzleForm(AbstractForm):
    form_builder = PuzzleBuilder

    def process_form_submission(self, form):
        form.fields.pop("puzzle")
        form.cleaned_data.pop("puzzle")
        return super().process_form_submission(form)

    class Meta:
        abstract = True


class BentPageForm(WagtailAdminFormPageForm):
    """A site's own admin form."""


class BentPage(OptInFormMixin, PuzzleForm):
    base_form_class = BentPageForm
    content_panels = [*AbstractForm.content_panels, InlinePanel("questions")]

    def get_form_fields(self):
        return self.questions.all()

    def get_form_class(self):
        return self.form_builder(self.get_form_fields()).get_form_class()

    def render_landing_page(self, request, form_submission=None, *args, **kwargs):
        return HttpResponse("Landed.")
