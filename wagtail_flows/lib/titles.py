"""How things are called where they stand for themselves: in titles, choosers and logs."""

from __future__ import annotations

from django.utils.translation import gettext as _


def with_detail(thing: object, detail: object) -> str:
    """“ann@example.org: sent”, with the colon of the active language."""
    return _("%(thing)s: %(detail)s") % {"thing": thing, "detail": detail}
