"""Whether the bell was rung, and when the runner last worked."""

from __future__ import annotations

from django.db import models


class Heartbeat(models.Model):
    """One row (id 1). `rung_at`: the bell was rung then and nobody has answered yet; `beat_at`: the runner last
    worked then; `waiting_until`: one runner sleeps until then at the latest for what falls due, so no other needs to.
    All by the real clock.
    """

    rung_at = models.DateTimeField(null=True)
    beat_at = models.DateTimeField(null=True)
    waiting_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"last beat: {self.beat_at}"
