"""A site that forgot the public pages."""

urlpatterns: list = []
