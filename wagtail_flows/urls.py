"""The public addresses of wagtail_flows: `path("flows/", include("wagtail_flows.urls"))` in the site's urls."""

from __future__ import annotations

from django.urls import path

from wagtail_flows.api import urls as api_urls
from wagtail_flows.attention.health import health
from wagtail_flows.contacts import views as contact_views
from wagtail_flows.shop import urls as shop_urls


app_name = "wagtail_flows"

urlpatterns = [
    path("confirm/<str:token>/", contact_views.confirm_page, name="confirm"),
    path("unsubscribe/<str:token>/", contact_views.unsubscribe_page, name="unsubscribe"),
    path("health/", health, name="health"),
    *shop_urls.urlpatterns,
    *api_urls.urlpatterns,
]
