"""What events tell the rooms above, in the transaction of whoever caused it."""

from __future__ import annotations

from django.dispatch import Signal


# A known event got a better date or better data; sent with `event_id`. What was computed from the old ones must be
# looked at again.
corrected = Signal()
