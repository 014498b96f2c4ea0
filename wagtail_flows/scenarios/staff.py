"""Who of the staff a graph may name: groups, and people who may enter the admin."""

from __future__ import annotations

from collections.abc import Collection
from functools import reduce
from operator import or_

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db.models import Q


MAY_ENTER = "wagtailadmin.access_admin"


def group_names() -> list[str]:
    """The names of all groups, in their order."""
    return list(Group.objects.order_by("name").values_list("name", flat=True))


def known_groups(names: Collection[str]) -> dict[str, str]:
    """Those of these that exist."""
    found = Group.objects.filter(name__in=names).values_list("name", flat=True) if names else ()
    return {name: name for name in found}


def known_people(addresses: Collection[str]) -> dict[str, str]:
    """Those of these addresses, in lower case, that belong to somebody active who may enter the admin."""
    if not addresses:
        return {}
    model = get_user_model()
    field = model.get_email_field_name()
    wanted = reduce(or_, (Q(**{f"{field}__iexact": address}) for address in sorted(addresses)))
    people = [user for user in model._default_manager.filter(wanted, is_active=True) if user.has_perm(MAY_ENTER)]
    found = {str(getattr(user, field)).casefold() for user in people}
    return {address: address for address in addresses if address.casefold() in found}
