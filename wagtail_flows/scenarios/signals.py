"""What happens to scenarios, for rooms above."""

from __future__ import annotations

from django.dispatch import Signal


# Sent in the transaction that ends a pause. `scenario`; `spread`: over how long what is overdue is to be spread.
resumed = Signal()
