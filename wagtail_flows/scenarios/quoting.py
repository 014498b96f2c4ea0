"""Quotation marks within quotation marks. Pure."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _


def quotable(text: str) -> str:
    """The text as it stands between quotation marks: those that it has itself become those of the second level, as the
    language writes them (“a ‘b’ c”, « a “b” c »).
    """
    first, second = _("“%(text)s”").split("%(text)s"), _("‘%(text)s’").split("%(text)s")
    text = re.sub(re.escape(first[0].rstrip()) + r"[\u00a0\u202f]?", second[0], text)
    return re.sub(r"[\u00a0\u202f]?" + re.escape(first[1].lstrip()), second[1], text)
