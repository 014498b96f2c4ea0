"""From a StreamField's value to frozen parts: the last moment at which Wagtail and the database are asked."""

from __future__ import annotations

from typing import Any

from wagtail.rich_text import expand_db_html

from wagtail_flows.messages.parts import Button, Heading, OrderLines, Part, Text


def frozen(body: Any) -> tuple[Part, ...]:
    """The parts of a message's body. Links to pages are looked up now; blocks of unknown kinds are left out."""
    parts = (frozen_block(block.block_type, block.value, block.id or "") for block in body)
    return tuple(part for part in parts if part is not None)


def frozen_block(kind: str, value: Any, block_id: str = "") -> Part | None:
    """One block's value as a part."""
    match kind:
        case "heading":
            return Heading(value["text"] or "", block_id)
        case "text":
            return Text(expand_db_html(value["text"].source) if value["text"] else "", block_id)
        case "button":
            return Button(value["label"] or "", value["url"] or "", block_id)
        case "order_lines":
            return OrderLines(value["review_link_text"] or "", bool(value["has_pictures"]), block_id)
        case _:
            return None
