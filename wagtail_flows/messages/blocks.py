"""The blocks of which the body of a message is made."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError

from wagtail_flows.messages.checking import block_complaints
from wagtail_flows.messages.preview import block_html


RICH_TEXT_FEATURES = ["bold", "italic", "link", "ol", "ul"]


class MessageBlock(blocks.StructBlock):
    """A block whose Liquid is checked at its fields, on drafts excepted, and which shows itself rendered in the picker.

    `kind` is its name in the body. Everything is declared on the class: migrations then name Wagtail's own blocks only.
    """

    kind = ""

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if self.is_deferred_validation:
            return cleaned
        complaints = block_complaints(self.kind, cleaned)
        if complaints:
            raise StructBlockValidationError({name: ValidationError(text) for name, text in complaints.items()})
        return cleaned

    def get_preview_value(self) -> Any:
        sample = self.meta.preview_value.items()
        return self.normalize({name: str(given) if isinstance(given, Promise) else given for name, given in sample})

    def get_preview_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        # The renderer escapes every word of the sample and of the block.
        html = mark_safe(block_html(self.kind, value))  # noqa: S308
        return {**super().get_preview_context(value, parent_context), "html": html}

    class Meta:
        preview_template = "wagtail_flows/messages/block_preview.html"


class OneFieldBlock(MessageBlock):
    """A block with one field, `text`, which code may also give as the text alone."""

    def normalize(self, value: Any) -> Any:
        return super().normalize(_with_name(value))

    def to_python(self, value: Any) -> Any:
        return super().to_python(_with_name(value))

    def bulk_to_python(self, values: Any) -> Any:
        return super().bulk_to_python([_with_name(value) for value in values])


def _with_name(value: Any) -> Any:
    return {"text": value} if isinstance(value, str) else value


class HeadingBlock(OneFieldBlock):
    kind = "heading"

    text = blocks.CharBlock(label=_("Text"), max_length=250)

    class Meta:
        icon = "title"
        label = _("Heading")
        description = _("A title. The first one is the main title of the e-mail.")
        preview_value = {"text": _("How do you like it, {{ contact.first_name }}?")}


class TextBlock(OneFieldBlock):
    kind = "text"

    text = blocks.RichTextBlock(label=_("Text"), features=RICH_TEXT_FEATURES)

    class Meta:
        icon = "pilcrow"
        label = _("Text")
        description = _("Paragraphs and lists, with variables.")
        preview_value = {
            "text": _("<p>Your order {{ order.number }} arrived some days ago. We hope that all is well.</p>")
        }


class ButtonBlock(MessageBlock):
    kind = "button"

    # A CharBlock: a URLBlock would refuse the variables.
    label = blocks.CharBlock(label=_("Label"), max_length=120)
    url = blocks.CharBlock(
        label=_("Address"), max_length=1000, help_text=_("Such as https://www.example.org/. May contain variables.")
    )

    class Meta:
        icon = "link"
        label = _("Button")
        description = _("A link that stands out.")
        preview_value = {"label": _("See the news"), "url": "{{ site.url }}"}


class OrderLinesBlock(MessageBlock):
    kind = "order_lines"

    review_link_text = blocks.CharBlock(
        label=_("Text of the review link"),
        max_length=120,
        required=False,
        help_text=_("Each product gets such a link, where the shop has a review address. Empty: no links."),
    )
    has_pictures = blocks.BooleanBlock(label=_("With pictures"), required=False, default=True)

    class Meta:
        icon = "list-ul"
        label = _("Products of the order")
        description = _("Names, quantities and pictures of what was ordered, with links to review it.")
        preview_value = {"review_link_text": _("Write a review"), "has_pictures": True}


class BodyBlock(blocks.StreamBlock):
    heading = HeadingBlock()
    text = TextBlock()
    button = ButtonBlock()
    order_lines = OrderLinesBlock()
