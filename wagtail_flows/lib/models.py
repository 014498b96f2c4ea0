"""Tables that belong to no capability: counted limits and the keys that sign links."""

from __future__ import annotations

from django.db import models


class RateCount(models.Model):
    """How often something was done in one window of time; see `lib.limits.take`."""

    key = models.CharField(max_length=64)
    window_starts_at = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["key", "window_starts_at"], name="flows_ratecount_unique"),)

    def __str__(self) -> str:
        return f"{self.count} since {self.window_starts_at}"


class SigningKey(models.Model):
    """A key for links in mails. It is kept in the database because such links must survive a change of SECRET_KEY."""

    version = models.PositiveSmallIntegerField(unique=True)
    secret = models.CharField(max_length=128)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"key {self.pk}"


class PruningWalk(models.Model):
    """How far the walk over one table has come that looks for what may be pruned; see `lib.pruning`.

    `last_id` 0: it stands at the beginning; `began_at`: when it last left it.
    """

    name = models.CharField(max_length=40, unique=True)
    last_id = models.BigIntegerField(default=0)
    began_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name}: {self.last_id}"
