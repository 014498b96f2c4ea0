"""The storm without pytest: a database made for it, and removed afterwards."""

from django.conf import settings
from django.db import connection
from wagtail.models import Locale

from tests.chaos.account import Account
from tests.chaos.plan import Plan
from tests.chaos.storm import storm


def storm_on_a_database_of_its_own(plan: Plan) -> Account:
    before = connection.settings_dict["NAME"]
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        for code, _name in settings.LANGUAGES:
            Locale.objects.get_or_create(language_code=code)
        return storm(plan, url(name))
    finally:
        connection.creation.destroy_test_db(before, verbosity=0)


def url(name: str) -> str:
    """The address of a PostgreSQL database beside that of the settings, for a child process."""
    values = connection.settings_dict
    return f"postgres://{values['USER']}:{values['PASSWORD']}@{values['HOST']}:{values['PORT']}/{name}"
