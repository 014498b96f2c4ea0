"""What monitors ask: whether all is well, in codes and numbers, without a word about anybody."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from wagtail_flows.attention.asking import may_ask
from wagtail_flows.conf import conf
from wagtail_flows.lib import attention, clock
from wagtail_flows.lib.attention import Finding, Severity


SCHEME = "Bearer "
STATUS = {Severity.BROKEN: 503, Severity.WARNING: 200, Severity.NOTE: 200}


@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """`{"status": "well|warning|broken", "findings": [{code, severity, count, since}]}`; 503 where something is broken.

    For who sends `Authorization: Bearer` with FLOWS_HEALTH_TOKEN, and for who may open the page of the admin. Anybody
    else gets 404: whether there is such an address is nobody's business.
    """
    if not _is_trusted(request):
        return JsonResponse({"status": "unknown"}, status=404)
    found = [one for one in attention.findings(clock.now()) if one.severity is not Severity.NOTE]
    worst = found[0].severity if found else None
    answer = {"status": worst.value if worst else "well", "findings": [_as_json(one) for one in found]}
    return JsonResponse(answer, status=STATUS[worst] if worst else 200)


def _is_trusted(request: HttpRequest) -> bool:
    told = request.headers.get("Authorization", "")
    if conf.HEALTH_TOKEN and told.startswith(SCHEME):
        return constant_time_compare(told.removeprefix(SCHEME), conf.HEALTH_TOKEN)
    user = getattr(request, "user", None)
    return user is not None and user.is_active and may_ask(user)


def _as_json(finding: Finding) -> dict[str, object]:
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "count": finding.count,
        "since": finding.since.isoformat() if finding.since else None,
    }
