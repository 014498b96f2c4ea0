"""The blocks of which the body of a message is made."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import blocks


RICH_TEXT_FEATURES = ["bold", "italic", "link", "ol", "ul"]


class OneFieldBlock(blocks.StructBlock):
    """A block with one field, `text`, which code may also give as the text alone."""

    def normalize(self, value: Any) -> Any:
        return super().normalize({"text": value} if _is_text_alone(value) else value)

    def to_python(self, value: Any) -> Any:
        return super().to_python({"text": value} if _is_text_alone(value) else value)

    def bulk_to_python(self, values: Any) -> Any:
        return super().bulk_to_python([{"text": value} if _is_text_alone(value) else value for value in values])


def _is_text_alone(value: Any) -> bool:
    return isinstance(value, str)


class HeadingBlock(OneFieldBlock):
    text = blocks.CharBlock(label=_("text"), max_length=250)

    class Meta:
        icon = "title"
        label = _("Heading")


class TextBlock(OneFieldBlock):
    text = blocks.RichTextBlock(label=_("text"), features=RICH_TEXT_FEATURES)

    class Meta:
        icon = "pilcrow"
        label = _("Text")


class ButtonBlock(blocks.StructBlock):
    # A CharBlock: a URLBlock would refuse the variables.
    label = blocks.CharBlock(label=_("label"), max_length=120)
    url = blocks.CharBlock(
        label=_("address"), max_length=1000, help_text=_("Such as https://www.example.org/. May contain variables.")
    )

    class Meta:
        icon = "link"
        label = _("Button")


class OrderLinesBlock(blocks.StructBlock):
    review_link_text = blocks.CharBlock(
        label=_("text of the review link"),
        max_length=120,
        required=False,
        help_text=_("Each product gets such a link, where the shop has a review address. Empty: no links."),
    )
    has_pictures = blocks.BooleanBlock(label=_("with pictures"), required=False, default=True)

    class Meta:
        icon = "list-ul"
        label = _("Products of the order")


class BodyBlock(blocks.StreamBlock):
    heading = HeadingBlock()
    text = TextBlock()
    button = ButtonBlock()
    order_lines = OrderLinesBlock()
