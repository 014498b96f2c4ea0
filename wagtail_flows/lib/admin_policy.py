"""One question about permission, asked alike on every supported Wagtail."""

from __future__ import annotations

from typing import Any

import wagtail

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import Model
from wagtail import permissions


ANY = ("add", "change", "delete", "view")


def policy_for(model: type[Model]) -> Any:
    """The permission policy of `model`: a site may register its own from Wagtail 8 on; before, Django's permissions."""
    if wagtail.VERSION >= (8, 0):
        return permissions.policy_registry.get_by_type(model)
    return permissions.ModelPermissionPolicy(model)


def may(user: AbstractBaseUser | AnonymousUser, model: type[Model], *actions: str) -> bool:
    """Whether `user` has at least one of `actions` (default: any of add, change, delete, view) on `model`."""
    return bool(policy_for(model).user_has_any_permission(user, list(actions or ANY)))
