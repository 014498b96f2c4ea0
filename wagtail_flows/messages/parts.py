"""The body of a message as frozen values: as written (`Part`), and as one person gets it (`ShownPart`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from wagtail_flows.messages.fragment import Fragment


@dataclass(frozen=True, slots=True)
class Heading:
    """`text` is Liquid. The first heading of a message becomes its h1, the others h2."""

    text: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """`html` is rich text with Liquid in its text; tags that aren't allowed are dropped when it is shown."""

    html: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """`label` and `url` are Liquid. Only http, https and mailto addresses are kept once they are rendered."""

    label: str
    url: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class OrderLines:
    """The lines of the order that started the enrollment. `review_link_text` is Liquid; empty means no links."""

    review_link_text: str = ""
    has_pictures: bool = True
    id: str = ""


Part: TypeAlias = Heading | Text | Button | OrderLines


@dataclass(frozen=True, slots=True)
class ShownHeading:
    text: str
    level: int


@dataclass(frozen=True, slots=True)
class ShownText:
    fragment: Fragment


@dataclass(frozen=True, slots=True)
class ShownButton:
    """`url` is absolute and safe to link to."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One product. Addresses are absolute and safe, or empty; `quantity` is at least 1."""

    name: str
    variant: str = ""
    quantity: int = 1
    image_url: str = ""
    review_url: str = ""


@dataclass(frozen=True, slots=True)
class ShownLines:
    lines: tuple[ShownLine, ...]
    review_link_text: str = ""


ShownPart: TypeAlias = ShownHeading | ShownText | ShownButton | ShownLines


@dataclass(frozen=True, slots=True)
class Footer:
    """What stands below every message. `unsubscribe_url` is empty for transactional mail; `why` is a sentence."""

    sender_name: str = ""
    postal_address: str = ""
    why: str = ""
    unsubscribe_url: str = ""
