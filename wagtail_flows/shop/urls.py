"""Where shops post to. Both spellings work: Saleor takes a redirect to the one with a slash for a failure, and for
ever.
"""

from __future__ import annotations

from django.urls import path

from wagtail_flows.shop.views import receive_webhook


urlpatterns = [
    path("shops/<uuid:public_id>/", receive_webhook, name="shop_webhook"),
    path("shops/<uuid:public_id>", receive_webhook),
]
