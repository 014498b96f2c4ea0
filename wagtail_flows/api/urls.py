"""The addresses of the API, below those of the package."""

from __future__ import annotations

from django.urls import path

from wagtail_flows.api.views import record_event, start_scenario


urlpatterns = [
    path("api/events", record_event, name="api_events"),
    path("api/scenarios/<uuid:public_id>/start", start_scenario, name="api_start"),
    # A POST can't be sent on to the address with the slash, so both are answered.
    path("api/events/", record_event),
    path("api/scenarios/<uuid:public_id>/start/", start_scenario),
]
