"""A small world seen from the admin, and three people who look at it."""

from datetime import timedelta

import pytest

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType

from tests.admin.world import World, make_world


OURS = "wagtail_flows"


def person(django_user_model, name, permissions):
    """Somebody who may enter the admin, and has these permissions through a group, as on a real site."""
    user = django_user_model.objects.create_user(name, f"{name}@example.org", "password")
    group = Group.objects.create(name=name)
    enter = Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin")
    group.permissions.add(enter, *permissions)
    user.groups.add(group)
    return user


def our_permissions():
    types = ContentType.objects.filter(app_label=OURS)
    return Permission.objects.filter(content_type__in=types)


@pytest.fixture
def world(wagtail_site) -> World:
    return make_world()


@pytest.fixture
def who_may(db, django_user_model):
    return person(django_user_model, "may", our_permissions())


@pytest.fixture
def who_reads(db, django_user_model):
    return person(django_user_model, "reads", our_permissions().filter(codename__startswith="view_"))


@pytest.fixture
def who_may_not(db, django_user_model):
    return person(django_user_model, "nothing", [])


@pytest.fixture
def admin_client(client, admin_user):
    client.force_login(admin_user)
    return client


@pytest.fixture
def days():
    return lambda count: timedelta(days=count)
