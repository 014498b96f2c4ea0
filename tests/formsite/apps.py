from django.apps import AppConfig


class FormSiteConfig(AppConfig):
    name = "tests.formsite"
    label = "formsite"
    default_auto_field = "django.db.models.BigAutoField"
