"""The example site's shop, e-mails and scenarios. Waits are minutes here; on a real site they would be days."""

from typing import Any

from django.conf import settings
from wagtail.models import Locale, Site

from example_site.flow_texts import REVIEW, WELCOME, Letter
from example_site.shop_demo.signing import jwks
from wagtail_flows.models import MailingList, Message, Scenario, SenderSettings, Shop


REVIEW_NAME = "Review request"


def seed_flows(site: Site, mailing_list: MailingList) -> None:
    seed_shop(site)
    SenderSettings.objects.get_or_create(site=site, defaults={"postal_address": "12 rue du Levain, 75011 Paris"})
    welcome = [_message(name, letters) for name, letters in WELCOME.items()]
    _scenario("Welcome series", _welcome_graph(welcome, mailing_list))
    review = _message(REVIEW_NAME, REVIEW, basis="existing_customer", asks_for_review=True)
    _scenario("Ask for a review", _review_graph(review))


def seed_shop(site: Site) -> Shop:
    """The connected demo shop; its addresses and its key follow this start's port and this machine's key."""
    address = f"http://localhost:{settings.PORT}"
    return Shop.objects.update_or_create(
        name=settings.DEMO_SHOP,
        defaults={
            "site": site,
            "url": f"{address}/",
            "jwks": jwks(),
            "review_url": f"{address}/shop/review/{{product_slug}}/?order={{order_number}}",
        },
    )[0]


def _message(name: str, letters: dict[str, Letter], **fields: Any) -> Message:
    """One message in all its languages, published. The English one, by which scenarios name all of them."""
    english = Message.objects.filter(name=name, locale__language_code="en").first()
    if english:
        return english
    made = [_translation(name, language, letter, fields) for language, letter in letters.items()]
    for message in made:
        message.translation_key = made[0].translation_key
        message.save()
        message.save_revision().publish()
    return made[0]


def _translation(name: str, language: str, letter: Letter, fields: dict[str, Any]) -> Message:
    return Message(
        name=name,
        locale=Locale.objects.get(language_code=language),
        subject=letter.subject,
        preheader=letter.preheader,
        body=_blocks(letter),
        **fields,
    )


def _blocks(letter: Letter) -> list[tuple[str, Any]]:
    blocks: list[tuple[str, Any]] = [("heading", {"text": letter.heading}), ("text", {"text": letter.text})]
    if letter.button:
        blocks.append(("button", {"label": letter.button, "url": "{{ site.url }}"}))
    if letter.review:
        blocks.append(("order_lines", {"review_link_text": letter.review, "has_pictures": True}))
    return blocks


def _scenario(name: str, graph: dict[str, Any]) -> None:
    if not Scenario.objects.filter(name=name).exists():
        scenario = Scenario.objects.create(name=name, graph=graph)
        scenario.save_revision().publish()


def _welcome_graph(messages: list[Message], mailing_list: MailingList) -> dict[str, Any]:
    """Whoever confirms the newsletter: three mails, a minute apart."""
    listed = str(mailing_list.public_id)
    first, second, third = messages
    return {
        "triggers": [
            {
                "id": "subscribed",
                "kind": "event",
                "event": "list.subscribed",
                "reentry": "once",
                "where": {"list": listed},
            }
        ],
        "exits": [{"event": "list.unsubscribed", "same_subject": False, "where": {"list": listed}}],
        "start": "hello",
        "steps": [
            _send("hello", first, "wait-1", listed),
            _wait("wait-1", "sourdough"),
            _send("sourdough", second, "wait-2", listed),
            _wait("wait-2", "table"),
            _send("table", third, "end", listed),
            {"id": "end", "kind": "exit", "reason": "done", "reenter": "never"},
        ],
    }


def _review_graph(message: Message) -> dict[str, Any]:
    """A minute after an order was delivered, unless it was cancelled, its delivery taken back, or all its money given
    back.
    """
    return {
        "triggers": [{"id": "delivered", "kind": "event", "event": "order.delivered", "reentry": "once_per_subject"}],
        "exits": [
            {"event": "order.cancelled", "same_subject": True},
            {"event": "order.delivery_withdrawn", "same_subject": True},
            {"event": "order.refunded", "same_subject": True, "where": {"is_full": True}},
        ],
        "start": "wait",
        "steps": [
            _wait("wait", "ask"),
            _send("ask", message, "end", None),
            {"id": "end", "kind": "exit", "reason": "done", "reenter": "at_once"},
        ],
    }


def _wait(identifier: str, target: str) -> dict[str, Any]:
    fields = {"amount": 1, "unit": "minutes", "after": "entry", "late": None}
    return {"id": identifier, "kind": "wait", **fields, "outlets": {"next": target}}


def _send(identifier: str, message: Message, target: str, mailing_list: str | None) -> dict[str, Any]:
    named = {"message": str(message.translation_key), "list": mailing_list}
    return {"id": identifier, "kind": "send_email", **named, "outlets": {"next": target}}
