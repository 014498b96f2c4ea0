"""Database fields that answer alike on every database."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy as _

from wagtail_flows.lib.text import fold


PLACES = 6
LARGEST = Decimal(10) ** 12


class ExactDecimalField(models.BigIntegerField):
    """A Decimal with six places, kept as a whole number of millionths.

    SQLite has no decimal type (what is stored as one is compared as a binary fraction), and sums must be exact on
    both databases. Absolute values go up to 10^12; a finer or larger one raises ValidationError.
    """

    description = _("Decimal number with six places")
    # What django-stubs takes an attribute of this field to be.
    _pyi_private_set_type: Decimal | str | int | Combinable  # type: ignore[assignment]
    _pyi_private_get_type: Decimal  # type: ignore[assignment]

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or isinstance(value, Decimal):
            return value
        try:
            return Decimal(str(value))
        except ArithmeticError:
            raise ValidationError(_("Write a number, such as 12.50.")) from None

    def from_db_value(self, value: int | Decimal | None, *args: Any) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-PLACES).quantize(Decimal(1).scaleb(-PLACES))

    def get_prep_value(self, value: Any) -> int | None:
        if value is None or hasattr(value, "resolve_expression"):
            return value
        number = self.to_python(value)
        if number is None or not number.is_finite() or abs(number) > LARGEST:
            raise ValidationError(_("This number is too large."))
        scaled = number.scaleb(PLACES)
        if scaled != scaled.to_integral_value():
            raise ValidationError(_("Write at most six decimal places."))
        return int(scaled)

    def value_to_string(self, obj: models.Model) -> str:
        value = self.value_from_object(obj)
        return "" if value is None else str(value)

    def formfield(self, **kwargs: Any) -> Any:
        return models.Field.formfield(self, **{"form_class": forms.DecimalField, "decimal_places": PLACES, **kwargs})


class FoldedField(models.CharField):
    """The folded form of the text in another column, for comparing; written whenever the row is.

    `save(update_fields=…)` must name it with its source: `with_folded` adds what is missing. `QuerySet.update()`
    doesn't write it.
    """

    description = _("Text without its case")

    def __init__(self, *args: Any, source: str = "", **kwargs: Any) -> None:
        self.source = source
        # Some letters fold into three.
        super().__init__(*args, **{"max_length": 450, "null": True, "editable": False, **kwargs})

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "source": self.source}

    def pre_save(self, model_instance: models.Model, add: bool) -> str | None:
        text = getattr(model_instance, self.source)
        folded = None if text is None else self.derive(text)
        setattr(model_instance, self.attname, folded)
        return folded

    def derive(self, text: str) -> str:
        return fold(text)


class DomainField(FoldedField):
    """The domain of the address in another column; kept like a folded one."""

    description = _("Domain of an e-mail address")

    def derive(self, text: str) -> str:
        return fold(text.rpartition("@")[2])


def with_folded(model: type[models.Model], update_fields: Iterable[str] | None) -> list[str] | None:
    """`update_fields` with the folded columns of the fields it names."""
    if update_fields is None:
        return None
    named = list(update_fields)
    folded = [field.name for field in model._meta.fields if isinstance(field, FoldedField) and field.source in named]
    return [*named, *(name for name in folded if name not in named)]
