"""The pages of the example site: a home page, and form pages made with Wagtail's form builder.

The two mixins are all that an existing form page needs; migration 0002 is what they brought.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel
from wagtail.contrib.forms.models import AbstractEmailForm, AbstractFormField
from wagtail.fields import RichTextField
from wagtail.models import Page

from wagtail_flows.forms.models import OptInFormFieldMixin, OptInFormMixin


class HomePage(Page):
    """The front of the shop."""

    headline = models.CharField(_("headline"), max_length=120)
    introduction = RichTextField(_("introduction"), features=["bold", "italic", "link"])

    content_panels = [*Page.content_panels, FieldPanel("headline"), FieldPanel("introduction")]
    subpage_types = ["example_site.FormPage"]

    class Meta:
        verbose_name = _("home page")


class FormField(OptInFormFieldMixin, AbstractFormField):
    """One question of a form."""

    page = ParentalKey("FormPage", on_delete=models.CASCADE, related_name="form_fields")


class FormPage(OptInFormMixin, AbstractEmailForm):
    """A form: the contact page and the newsletter page are made of it."""

    introduction = RichTextField(_("introduction"), blank=True)
    thanks = RichTextField(_("thanks"), blank=True)

    template = "example_site/form_page.html"
    landing_page_template = "example_site/form_page_landing.html"
    content_panels = [
        *AbstractEmailForm.content_panels,
        FieldPanel("introduction"),
        InlinePanel("form_fields", label=_("Form fields")),
        FieldPanel("thanks"),
    ]
    parent_page_types = ["example_site.HomePage"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("form page")
