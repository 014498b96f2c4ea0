"""Who we know, what they subscribed to, the evidence, and whom we must never write to."""

from __future__ import annotations

import builtins
import uuid

from collections.abc import Iterable
from typing import Any, ClassVar, NoReturn

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wagtail_flows.lib.fields import DomainField, ExactDecimalField, FoldedField, with_folded
from wagtail_flows.lib.indexes import HashIndex
from wagtail_flows.lib.titles import with_detail


COMMERCIAL = "commercial"
TRANSACTIONAL = "transactional"


def suppressing_scopes(stream: str) -> list[str]:
    """Which scopes of suppression hold back a stream (`commercial` or `transactional`)."""
    if stream == COMMERCIAL:
        return [Suppression.Scope.COMMERCIAL, Suppression.Scope.ALL]
    if stream == TRANSACTIONAL:
        return [Suppression.Scope.ALL]
    raise ValueError(f"A stream is {COMMERCIAL!r} or {TRANSACTIONAL!r}, not {stream!r}.")


class ContactQuerySet(models.QuerySet["Contact"]):
    def mailable(self, stream: str, mailing_list: MailingList | None = None) -> ContactQuerySet:
        """Those who may get mail of this stream: not suppressed and, where a list is given, subscribed to it."""
        holding = Suppression.objects.filter(key_hash=models.OuterRef("key_hash"), scope__in=suppressing_scopes(stream))
        contacts = self.filter(~models.Exists(holding))
        if mailing_list is None:
            return contacts
        subscribed = Subscription.objects.filter(
            contact=models.OuterRef("pk"), mailing_list=mailing_list, status=Subscription.Status.SUBSCRIBED
        )
        return contacts.filter(models.Exists(subscribed))


class Contact(models.Model):
    """A person we know by address. `key` makes the address unique (see `contacts.address`); mail goes to `address`."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    address = models.EmailField(_("e-mail address"), max_length=254)
    key = models.CharField(max_length=254, unique=True, editable=False)
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    first_name = models.CharField(_("first name"), max_length=150, blank=True)
    last_name = models.CharField(_("last name"), max_length=150, blank=True)
    locale = models.CharField(_("language"), max_length=35, blank=True, help_text=_("BCP 47, such as fr or pt-BR."))
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True, help_text=_("Such as Europe/Paris."))
    is_never_asked_for_review = models.BooleanField(_("never ask for a review"), default=False)
    created_at = models.DateTimeField(pgettext_lazy("moment", "created at"), editable=False)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)
    # What segments compare.
    domain = DomainField(_("domain"), source="key", max_length=254, db_index=True)
    first_name_folded = FoldedField(source="first_name")
    last_name_folded = FoldedField(source="last_name")
    locale_folded = FoldedField(source="locale")
    time_zone_folded = FoldedField(source="time_zone")

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ("-created_at", "-id")
        indexes = (models.Index(fields=["-created_at", "-id"], name="flows_contact_newest"),)
        permissions = (("export_contact", _("Can export addresses to a file")),)

    def __str__(self) -> str:
        return self.address

    def save(self, *args: Any, **kwargs: Any) -> None:
        kwargs["update_fields"] = with_folded(type(self), kwargs.get("update_fields"))
        super().save(*args, **kwargs)


class Property(models.Model):
    """The typed definition of something known about contacts: birthday, shoe size, loyalty number."""

    class Type(models.TextChoices):
        TEXT = "text", _("text")
        NUMBER = "number", _("number")
        BOOLEAN = "boolean", _("yes or no")
        DATE = "date", _("date")

    name = models.SlugField(_("name"), max_length=64, unique=True, help_text=_("As used in e-mails: contact.name"))
    label = models.CharField(_("label"), max_length=120)
    type = models.CharField(_("type"), max_length=10, choices=Type.choices, default=Type.TEXT)

    class Meta:
        verbose_name = _("property")
        verbose_name_plural = _("properties")
        ordering = ("label",)

    def __str__(self) -> str:
        return self.label


class ContactProperty(models.Model):
    """One value of one property of one contact: exactly one typed column is filled, that of the property's type."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="properties")
    property = models.ForeignKey(Property, on_delete=models.CASCADE, related_name="values")
    text = models.CharField(max_length=500, null=True, blank=True)
    text_folded = FoldedField(source="text", max_length=1500)
    number = ExactDecimalField(null=True, blank=True)
    boolean = models.BooleanField(null=True, blank=True)
    date = models.DateField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("contact property")
        verbose_name_plural = _("contact properties")
        constraints = (models.UniqueConstraint(fields=["contact", "property"], name="flows_contactproperty_unique"),)
        indexes = (
            models.Index(fields=["property", "text_folded"], name="flows_cp_text"),
            models.Index(fields=["property", "number"], name="flows_cp_number"),
            models.Index(fields=["property", "boolean"], name="flows_cp_boolean"),
            models.Index(fields=["property", "date"], name="flows_cp_date"),
        )

    def __str__(self) -> str:
        return with_detail(self.property, self.value)

    @builtins.property  # the name `property` is the field above
    def value(self) -> Any:
        return getattr(self, self.property.type)


class MailingList(models.Model):
    """A named thing a contact can subscribe to. `site` (empty: the default site) gives its links their host."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    site = models.ForeignKey(
        "wagtailcore.Site", verbose_name=_("site"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    name = models.CharField(_("name"), max_length=120, help_text=_("Seen in the admin only."))
    public_name = models.CharField(_("public name"), max_length=120, help_text=_("What subscribers see."))
    public_description = models.TextField(_("public description"), blank=True)
    is_double_opt_in = models.BooleanField(
        _("double opt-in"), default=True, help_text=_("Subscribers confirm by e-mail before anything is sent.")
    )
    created_at = models.DateTimeField(pgettext_lazy("moment", "created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("list")
        verbose_name_plural = _("lists")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Subscription(models.Model):
    """Contact × list, with a status. `round` counts the times it was asked for: a confirmation link names its round.

    ADDED: on the list, without a subscription; nothing that needs one is sent. `requested_at` is when that was.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("pending")
        SUBSCRIBED = "subscribed", _("subscribed")
        UNSUBSCRIBED = "unsubscribed", _("unsubscribed")
        ADDED = "added", _("added without subscribing")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, related_name="subscriptions", verbose_name=_("contact")
    )
    mailing_list = models.ForeignKey(
        MailingList, on_delete=models.CASCADE, related_name="subscriptions", verbose_name=_("list")
    )
    status = models.CharField(_("status"), max_length=12, choices=Status.choices)
    round = models.PositiveIntegerField(default=1, editable=False)
    requested_at = models.DateTimeField(_("requested at"))
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    left_at = models.DateTimeField(_("left at"), null=True, blank=True)

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        constraints = (models.UniqueConstraint(fields=["contact", "mailing_list"], name="flows_subscription_unique"),)
        indexes = (models.Index(fields=["mailing_list", "status"], name="flows_subscription_status"),)

    def __str__(self) -> str:
        return with_detail(f"{self.contact} – {self.mailing_list}", self.get_status_display())


def _refuse_change() -> NoReturn:
    raise ValidationError(_("Consent is evidence: it is added, never changed."))


class ConsentQuerySet(models.QuerySet["Consent"]):
    """Only adding and reading. Erasing the contact takes the evidence with it, by the database's own cascade."""

    def update(self, **kwargs: Any) -> NoReturn:
        _refuse_change()

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        _refuse_change()

    def delete(self) -> NoReturn:
        _refuse_change()

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        if kwargs.get("update_conflicts"):
            _refuse_change()
        return super().bulk_create(objs, *args, **kwargs)


class Consent(models.Model):
    """Append-only evidence: what was asked for, confirmed or withdrawn, when, where, with which wording."""

    class Action(models.TextChoices):
        ASKED = "asked", _("asked to subscribe")
        CONFIRMED = "confirmed", _("confirmed")
        WITHDREW = "withdrew", _("withdrew")

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="consents", verbose_name=_("contact"))
    mailing_list = models.ForeignKey(
        MailingList, null=True, on_delete=models.SET_NULL, related_name="consents", verbose_name=_("list")
    )
    list_name = models.CharField(_("name of the list"), max_length=120, blank=True)
    action = models.CharField(_("action"), max_length=10, choices=Action.choices)
    wording = models.TextField(_("wording shown"), blank=True)
    source = models.CharField(
        _("source"), max_length=40, blank=True, help_text=_("Such as form, link, admin, one-click, scenario.")
    )
    page_id = models.PositiveIntegerField(_("page"), null=True, blank=True)
    page_revision_id = models.PositiveIntegerField(_("page revision"), null=True, blank=True)
    page_url = models.URLField(_("page address"), max_length=500, blank=True)
    locale = models.CharField(_("language"), max_length=35, blank=True)
    ip_address = models.GenericIPAddressField(_("IP address"), null=True, blank=True)
    happened_at = models.DateTimeField(_("time"))

    objects: ClassVar[models.Manager[Consent]] = models.Manager.from_queryset(ConsentQuerySet)()

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ("-happened_at", "-id")

    def __str__(self) -> str:
        return f"{self.contact} {self.get_action_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            _refuse_change()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        _refuse_change()


class Suppression(models.Model):
    """An address never to be written to. It is known by the hash of its key, so that it outlives an erased contact."""

    class Scope(models.TextChoices):
        COMMERCIAL = "commercial", _("commercial mail")
        ALL = "all", _("all mail")

    class Reason(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed", _("unsubscribed")
        BOUNCED = "bounced", _("address does not exist")
        COMPLAINED = "complained", _("complained")
        MANUAL = "manual", _("added by hand")
        ERASED = "erased", _("erased")

    key_hash = models.CharField(max_length=64, editable=False)
    address = models.CharField(_("e-mail address"), max_length=254, blank=True)
    scope = models.CharField(_("scope"), max_length=12, choices=Scope.choices)
    reason = models.CharField(_("reason"), max_length=14, choices=Reason.choices)
    note = models.CharField(_("note"), max_length=250, blank=True)
    created_at = models.DateTimeField(pgettext_lazy("moment", "created at"))

    class Meta:
        verbose_name = _("suppression")
        verbose_name_plural = _("suppressions")
        ordering = ("-created_at", "-id")
        constraints = (models.UniqueConstraint(fields=["key_hash", "scope"], name="flows_suppression_unique"),)
        indexes = (
            models.Index(fields=["reason", "created_at"], name="flows_suppression_lately"),
            # Whether an address is among them is asked for each e-mail, and for each contact of a batch.
            HashIndex(fields=["key_hash"], name="flows_suppression_by_hash"),
        )

    def __str__(self) -> str:
        return with_detail(self.address or self.key_hash[:12], self.get_scope_display())
