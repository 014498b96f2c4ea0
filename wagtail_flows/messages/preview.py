"""What a message looks like, with sample data: as HTML, and as the text part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import translation
from wagtail.models import Site

from wagtail_flows.messages.delivery_models import Stream
from wagtail_flows.messages.freezing import frozen, frozen_block
from wagtail_flows.messages.parts import Part
from wagtail_flows.messages.render import Rendered, RenderInput, render
from wagtail_flows.messages.sample import HOST, sample_context, sample_footer, with_pictures
from wagtail_flows.messages.sender import Sender, sender_of
from wagtail_flows.messages.settings_model import SenderSettings


if TYPE_CHECKING:
    from wagtail_flows.messages.message_model import Message


HTML, TEXT = "html", "text"
# Nothing in a mail may run or call anybody, and only the admin may frame it.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src * data:; frame-ancestors 'self'"


def preview_response(message: Message, request: HttpRequest, mode: str) -> HttpResponse:
    """The preview in one mode; any other than "text" is HTML. A message that can't be rendered shows why instead."""
    site = Site.find_for_request(request) or Site.objects.filter(is_default_site=True).first()
    sender = sender_of(SenderSettings.objects.filter(site=site).first(), site, message.sender_name)
    rendered = sample_rendering(message, sender, str(site.root_url) if site else HOST)
    response = _response(request, mode, {"message": message, "rendered": rendered, "sender": sender})
    response["Content-Security-Policy"] = POLICY
    return response


def sample_rendering(message: Message, sender: Sender, base_url: str) -> Rendered:
    """Render an unsaved or saved message for the made-up contact, in the language of the message."""
    locale = language_of(message)
    with translation.override(locale):
        known = sample_context(is_commercial=message.stream == Stream.COMMERCIAL)
        footer = sample_footer(sender.name, sender.postal_address, known)
    given = RenderInput(message.subject, message.preheader, frozen(message.body), known, locale, base_url, footer)
    return render(given)


def language_of(message: Message) -> str:
    """The message's language; the site's where none is set yet."""
    return str(message.locale.language_code) if message.locale_id else settings.LANGUAGE_CODE


def _response(request: HttpRequest, mode: str, shown: dict[str, Any]) -> HttpResponse:
    if shown["rendered"].errors:
        return TemplateResponse(request, "wagtail_flows/messages/preview_problems.html", shown)
    if mode == TEXT:
        return TemplateResponse(request, "wagtail_flows/messages/preview_text.html", shown)
    return HttpResponse(with_pictures(shown["rendered"].html))


def block_html(kind: str, value: Any) -> str:
    """One block alone as a whole HTML page, for the block picker, in the active language."""
    part = frozen_block(kind, value)
    locale = translation.get_language() or settings.LANGUAGE_CODE
    parts: tuple[Part, ...] = (part,) if part is not None else ()
    known = sample_context(is_commercial=False)
    given = RenderInput("-", "", parts, known, locale, HOST, sample_footer("", "", known))
    return with_pictures(render(given).html)
