"""From a submitted form to subscriptions with their evidence."""

from __future__ import annotations

import html
import logging

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.forms import Form

from wagtail_flows.contacts.address import InvalidAddress
from wagtail_flows.contacts.models import Contact, MailingList
from wagtail_flows.contacts.subscriptions import subscribe
from wagtail_flows.contacts.transitions import Evidence
from wagtail_flows.contacts.verbs import get_or_create_contact
from wagtail_flows.lib import clock
from wagtail_flows.lib.form_choices import EMAIL, FIRST_NAME, LAST_NAME, OPT_IN
from wagtail_flows.lib.visitors import origin


logger = logging.getLogger(__name__)

SOURCE = "form"


@dataclass(frozen=True)
class Visitor:
    """What the request tells about who submits: the address of the page, and where from."""

    page_url: str = ""
    ip_address: str | None = None


@dataclass(frozen=True)
class OptIn:
    """One ticked box: its list and the words that stood beside it."""

    mailing_list: MailingList
    wording: str


@dataclass(frozen=True)
class OptIns:
    """Every ticked box of one submission, and who ticked them (as typed, unchecked)."""

    page: Any
    ticked: tuple[OptIn, ...]
    address: str
    first_name: str
    last_name: str


def ticked_opt_ins(page: Any, form: Form) -> OptIns | None:
    """What the visitor ticked; None when nothing was."""
    rows = list(page.get_form_fields())
    answers = {name_of(row): form.cleaned_data.get(name_of(row)) for row in rows}
    ticked = tuple(
        OptIn(row.flows_list, _wording(form, row))
        for row in rows
        if is_opt_in(row) and row.flows_list_id and answers[name_of(row)] is True
    )
    if not ticked:
        return None
    told = {
        what: _text(answers.get(name)) for what in (EMAIL, FIRST_NAME, LAST_NAME) if (name := field_telling(what, rows))
    }
    return OptIns(page, ticked, told.get(EMAIL, ""), told.get(FIRST_NAME, ""), told.get(LAST_NAME, ""))


def subscribe_ticked(opt_ins: OptIns, visitor: Visitor) -> None:
    """Subscribe the contact to each ticked list. An address that no mail can go to is logged, and costs nobody the
    submission.
    """
    try:
        contact = get_or_create_contact(
            opt_ins.address,
            locale=_language(opt_ins.page),
            first_name=opt_ins.first_name,
            last_name=opt_ins.last_name,
            now=clock.now(),
        )
    except InvalidAddress as error:
        # Not the address itself: logs are kept by others, for longer.
        logger.warning("Nobody subscribed by form page %s: %s", opt_ins.page.pk, error)
        return
    _subscribe_all(contact, opt_ins, visitor)


def _subscribe_all(contact: Contact, opt_ins: OptIns, visitor: Visitor) -> None:
    page = opt_ins.page
    language = _language(page)
    evidence = Evidence(
        source=SOURCE,
        page_id=page.pk,
        page_revision_id=getattr(page, "live_revision_id", None),
        page_url=visitor.page_url or getattr(page, "full_url", None) or "",
        locale=language,
        ip_address=visitor.ip_address,
    )
    for opt_in in opt_ins.ticked:
        subscribe(
            contact,
            opt_in.mailing_list,
            evidence=replace(evidence, wording=opt_in.wording),
            locale=language,
            origin=origin(visitor.ip_address),
        )


def is_opt_in(row: Any) -> bool:
    """Whether a row of the form is an opt-in."""
    return bool(row.field_type == OPT_IN)


def name_of(row: Any) -> str:
    """The name of the row's field in the form: fixed when the row is first stored, whatever its label becomes."""
    return str(row.clean_name or row.get_field_clean_name())


def field_telling(what: str, rows: Iterable[Any]) -> str | None:
    """The name of the field that tells the address or a name: the one mapped to it, else the obvious one."""
    candidates = [row for row in rows if not is_opt_in(row)]
    for row in candidates:
        if row.flows_maps_to == what:
            return name_of(row)
    for row in candidates:
        if not row.flows_maps_to and what == (EMAIL if row.field_type == "email" else name_of(row)):
            return name_of(row)
    return None


def _wording(form: Form, row: Any) -> str:
    """Label and help text, as they were displayed."""
    field = form.fields[name_of(row)]
    help_text = str(field.help_text)
    if not getattr(settings, "WAGTAILFORMS_HELP_TEXT_ALLOW_HTML", False):
        help_text = html.unescape(help_text)
    return "\n".join(part for part in (str(field.label), help_text) if part)


def _text(answer: Any) -> str:
    return answer if isinstance(answer, str) else ""


def _language(page: Any) -> str:
    locale = getattr(page, "locale", None)
    return str(locale.language_code) if locale else ""
