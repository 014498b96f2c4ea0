"""Two mixins that give the form pages of a site the field type "Opt-in to a list".

    class FormField(OptInFormFieldMixin, AbstractFormField):
        page = ParentalKey("FormPage", on_delete=models.CASCADE, related_name="form_fields")

    class FormPage(OptInFormMixin, AbstractEmailForm):
        ...

Both come before Wagtail's classes; then `makemigrations` and `migrate`. The migrations of sites name `OptInFormMixin`
by its path here: it stays.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import models, transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from modelcluster.models import model_from_serializable_data
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.forms.forms import FormBuilder, WagtailAdminFormPageForm
from wagtail.contrib.forms.models import AbstractFormField, AbstractFormSubmission

from wagtail_flows.conf import conf
from wagtail_flows.contacts.models import MailingList
from wagtail_flows.forms.admin_forms import with_opt_in_checks
from wagtail_flows.forms.builder import with_opt_in
from wagtail_flows.forms.opting_in import Visitor, subscribe_ticked, ticked_opt_ins
from wagtail_flows.lib.form_choices import field_type_choices, maps_to_choices
from wagtail_flows.lib.visitors import client_address


class OptInFormFieldMixin(models.Model):
    """For the model of form fields: the field type, its list, and which field says who the contact is."""

    field_type = models.CharField(verbose_name=_("field type"), max_length=32, choices=field_type_choices)
    # As Wagtail's own: a preview can't build a field without its type.
    field_type.required_on_save = True  # type: ignore[attr-defined]
    # What people read about these fields stands on the panels: on the fields, each change of a word would ask every
    # site for a migration.
    flows_list = models.ForeignKey(
        "wagtail_flows.MailingList", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    flows_is_required = models.BooleanField(default=False)
    flows_maps_to = models.CharField(max_length=20, blank=True, choices=maps_to_choices)

    flows_panels = [
        FieldPanel(
            "flows_list",
            heading=_("List"),
            help_text=_("For an opt-in: the list that whoever ticks the box subscribes to."),
        ),
        FieldPanel(
            "flows_is_required",
            heading=_("Opt-in must be ticked"),
            help_text=_(
                "For a form whose only purpose is the list; anywhere else a consent has to be free. “Required” above "
                "doesn't count for an opt-in."
            ),
        ),
        FieldPanel(
            "flows_maps_to",
            heading=_("Tells the contact's"),
            help_text=_("Without a choice, the first e-mail field is taken for the address."),
        ),
    ]
    panels = [*AbstractFormField.panels, *flows_panels]

    class Meta:
        abstract = True
        # Standing first, a Meta without it would take Wagtail's ordering away. A list as Wagtail's own, since
        # migrations tell lists and tuples apart.
        ordering = ["sort_order"]

    @classmethod
    def from_serializable_data(cls, data: dict[str, Any], check_fks: bool = True, strict_fks: bool = False) -> Any:
        """Build a field from a revision. One whose list was deleted since then comes without it, where modelcluster,
        which knows no PROTECT, would fail: an old revision could neither be opened nor compared.
        """
        listed = data.get("flows_list")
        if check_fks and listed is not None and not MailingList.objects.filter(pk=listed).exists():
            data = {**data, "flows_list": None}
        build = getattr(super(), "from_serializable_data", partial(model_from_serializable_data, cls))
        return build(data, check_fks=check_fks, strict_fks=strict_fks)


class OptInFormMixin:
    """For the form page: subscribes whoever ticked an opt-in, in the transaction that stores the submission."""

    form_builder: type[FormBuilder]
    base_form_class: type[WagtailAdminFormPageForm]

    _flows_visitor = Visitor()
    _flows_held_mail: list[Form] | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # What the other bases bring is kept and extended, so that a page with its own builder, its own get_form_class
        # or its own admin form needs no further change. A mixin made of this one has no such bases yet.
        if hasattr(cls, "form_builder"):
            cls.form_builder = with_opt_in(cls.form_builder)
        if hasattr(cls, "base_form_class"):
            cls.base_form_class = with_opt_in_checks(cls.base_form_class)

    def get_form_class(self) -> type[Form]:
        # Some packages (captchas) put their builder on the instance.
        self.form_builder = with_opt_in(self.form_builder)
        return super().get_form_class()  # type: ignore[misc]

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self._flows_visitor = Visitor(
            page_url=request.build_absolute_uri(request.path),
            ip_address=client_address(request.META, conf.TRUSTED_PROXY_COUNT),
        )
        return super().serve(request, *args, **kwargs)  # type: ignore[misc]

    def process_form_submission(self, form: Form) -> AbstractFormSubmission:
        # Read before the site's own code, which may take fields out of the form (captchas do).
        opt_ins = ticked_opt_ins(self, form)
        self._flows_held_mail = []
        try:
            with transaction.atomic():
                submission = super().process_form_submission(form)  # type: ignore[misc]
                if opt_ins is not None:
                    subscribe_ticked(opt_ins, self._flows_visitor)
            held = self._flows_held_mail
        finally:
            self._flows_held_mail = None
        for held_form in held:
            self.send_mail(held_form)
        return submission

    def send_mail(self, form: Form) -> None:
        """The notice to the site's owner leaves after the transaction: a slow or failing mail server must neither hold
        the database nor take the submission with it.
        """
        if self._flows_held_mail is not None:
            self._flows_held_mail.append(form)
            return
        super().send_mail(form)  # type: ignore[misc]
