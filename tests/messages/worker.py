"""A worker process for tests: `python -m tests.messages.worker` delivers until nothing waits and nothing is in the air.

Environment: DATABASE_URL, SMTP_PORT; LEASE_SECONDS, DELIVERY_BATCH_SIZE and ALLOW_PRIVATE_ADDRESSES (a number, too)
where the defaults don't fit the test.
"""

import os
import time

import django


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ["PREPARE"] = "yes"
django.setup()

from django.conf import settings  # noqa: E402
from django.utils import timezone  # noqa: E402

from wagtail_flows.messages.deliver import deliver, rescue  # noqa: E402
from wagtail_flows.messages.delivery_models import Delivery  # noqa: E402


AIR = (Delivery.Status.QUEUED, Delivery.Status.SENDING)
PATIENCE = 60.0


def work() -> None:
    """Raises TimeoutError when something is still in the air after a minute."""
    end = time.monotonic() + PATIENCE
    while Delivery.objects.filter(status__in=AIR).exists():
        if time.monotonic() > end:
            raise TimeoutError("Deliveries were left.")
        if not rescue(timezone.now()) + deliver(timezone.now(), until=end):
            time.sleep(0.05)  # leases end by the machine's own clock, which no test can move


if __name__ == "__main__":
    for name in ("LEASE_SECONDS", "DELIVERY_BATCH_SIZE", "ALLOW_PRIVATE_ADDRESSES"):
        if name in os.environ:
            setattr(settings, f"FLOWS_{name}", int(os.environ[name]))
    work()
