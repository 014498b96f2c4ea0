"""The order in which the engine takes its locks.

1. Rows of Contact, ordered by id, leaving out those that another runner holds (SKIP LOCKED).
2. Rows of Enrollment of these contacts, leaving out held ones likewise.
3. Nothing else is locked explicitly; rows written later (Event, Visit, Delivery) belong to the contacts held.

A runner therefore never waits for a lock of step 1 or 2, so two runners can't deadlock, and whoever matches, enrolls,
moves or ends for a contact is alone with that contact. Rows that refer to a held contact may still be inserted: an
event recorded meanwhile stays unmatched (`matched_at` is empty) and is matched after this transaction, under the same
lock. So nothing falls between a look-back and its commit, and recording never waits for a batch.

On SQLite there are no row locks: the transaction is IMMEDIATE, so the writer is alone.
"""

from __future__ import annotations

from django.db.models import QuerySet

from wagtail_flows.contacts.models import Contact
from wagtail_flows.lib.db import locked, skip_locked


# How many times a batch of candidates is looked through for contacts that nobody holds: so many runners find work
# side by side.
RUNNERS = 4


def lock_free_contacts(contact_ids: QuerySet, limit: int) -> dict[int, str]:
    """Lock at most `limit` contacts of this subquery that nobody holds: their time zones, by id. Only in a
    transaction.
    """
    free = skip_locked(Contact.objects.filter(pk__in=contact_ids).order_by("pk"))
    return dict(free.values_list("pk", "time_zone")[:limit])


def lock_contact_of(enrollment_id: int) -> None:
    """Lock the contact of this enrollment, waiting for who holds it. Only in a transaction."""
    list(locked(Contact.objects.filter(enrollments__pk=enrollment_id)).values_list("pk"))
