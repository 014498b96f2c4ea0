"""A shop in three buttons: order, ship, deliver. Each tells the site what a Saleor would tell it."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from example_site.auth import local_only
from example_site.shop_demo import orders, telling
from example_site.shop_demo.catalogue import BY_SLUG
from example_site.shop_demo.forms import OrderForm
from example_site.shop_demo.signing import jwks
from wagtail_flows.models import Shop


@require_safe
@local_only
def shop(request: HttpRequest) -> HttpResponse:
    return _page(request, OrderForm())


@require_POST
@local_only
def order(request: HttpRequest) -> HttpResponse:
    form = OrderForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    given = form.cleaned_data
    picture = settings.WAGTAILADMIN_BASE_URL + static("example_site/bread.png")
    placed = orders.place(BY_SLUG[given["product"]], given["address"], given["first_name"], given["language"], picture)
    telling.placed(_connected(), placed)
    messages.success(request, _("Order %(number)s is placed. Now ship it.") % placed)
    return redirect("shop_demo:shop")


@require_POST
@local_only
def ship(request: HttpRequest, number: int) -> HttpResponse:
    shipped = orders.ship(_found(number))
    telling.shipped(_connected(), shipped)
    messages.success(request, _("Order %(number)s is on its way. Now deliver it.") % shipped)
    return redirect("shop_demo:shop")


@require_POST
@local_only
def deliver(request: HttpRequest, number: int) -> HttpResponse:
    delivered = orders.deliver(_found(number))
    telling.delivered(_connected(), delivered)
    messages.success(
        request, _("Order %(number)s is delivered. The review request comes a minute later, to the inbox.") % delivered
    )
    return redirect("shop_demo:shop")


@require_safe
@local_only
def review(request: HttpRequest, slug: str) -> HttpResponse:
    """Where the links of a review request lead."""
    if slug not in BY_SLUG:
        raise Http404
    return render(request, "shop_demo/review.html", {"product": BY_SLUG[slug].name(request.LANGUAGE_CODE)})


@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """Where a Saleor publishes the keys that its webhooks are signed with."""
    return JsonResponse(jwks())


def _page(request: HttpRequest, form: OrderForm) -> HttpResponse:
    placed = [{"order": one, "state": orders.state(one)} for one in orders.newest_first()]
    return render(request, "shop_demo/shop.html", {"form": form, "orders": placed, "connected": _connected()})


def _connected() -> Shop:
    return Shop.objects.get(name=settings.DEMO_SHOP)


def _found(number: int) -> dict[str, Any]:
    found = orders.find(number)
    if found is None:
        raise Http404
    return found
