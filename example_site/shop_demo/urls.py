from django.urls import path

from example_site.shop_demo import views


app_name = "shop_demo"
urlpatterns = [
    path("", views.shop, name="shop"),
    path("order/", views.order, name="order"),
    path("orders/<int:number>/ship/", views.ship, name="ship"),
    path("orders/<int:number>/deliver/", views.deliver, name="deliver"),
    path("review/<slug:slug>/", views.review, name="review"),
]
