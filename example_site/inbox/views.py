"""Every mail that the example site sent: a list, and each mail as HTML, as text and with its headers."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from example_site.auth import local_only
from example_site.inbox.mailbox import KeptMail, Mailbox


SHOWN = 100
# The frame runs no script, sends no form and has no origin; what a person clicks opens in a tab of its own.
SANDBOX = "allow-popups allow-popups-to-escape-sandbox"
POLICY = f"sandbox {SANDBOX}; default-src 'none'; img-src http: https: data:; style-src 'unsafe-inline'"


@never_cache
@require_safe
@local_only
def mails(request: HttpRequest) -> HttpResponse:
    return render(request, "inbox/mails.html", {"mails": list(Mailbox(settings.INBOX_DIR).newest_first(SHOWN))})


@never_cache
@require_safe
@local_only
def mail(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, "inbox/mail.html", {"mail": _find(name), "sandbox": SANDBOX})


@never_cache
@require_safe
@local_only
@xframe_options_sameorigin
def html(request: HttpRequest, name: str) -> HttpResponse:
    """The HTML part itself, shut in by its own policy also when opened outside the frame."""
    # The mail's own links would otherwise open inside the frame, where nothing may run.
    response = HttpResponse('<base target="_blank">' + _find(name).html)
    response["Content-Security-Policy"] = POLICY
    return response


def _find(name: str) -> KeptMail:
    found = Mailbox(settings.INBOX_DIR).find(name)
    if found is None:
        raise Http404
    return found
