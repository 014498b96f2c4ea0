"""Visits a second on the path wait → condition → send → wait, beside loops of the ORM that write the same rows, and one
statement of SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction

from benchmarks.engine import one_statement
from benchmarks.engine.world import LIST, MESSAGE, NOW, PASSING, World, empty, enrolled, people, settle_down, world
from benchmarks.measuring import Pace, Way, rates
from wagtail_flows.contacts.models import MailingList, Subscription
from wagtail_flows.engine import advancing
from wagtail_flows.engine.models import Enrollment, Visit
from wagtail_flows.messages.models import Delivery, Message


PART = "visits"
VISITS = 3  # that one enrollment makes: of the first wait, the condition, the e-mail
COMMITTED_EVERY = 500


class NotTheSame(AssertionError):
    """The other ways and the engine wrote different rows: no time of theirs is worth comparing."""


def measured(size: int) -> Iterator[Pace]:
    """`size` contacts for us, a tenth of them for the loops, which are slower."""
    few = max(size // 10, 100)
    with world() as here:
        people(size)
        ours = Way(lambda: VISITS * advancing.advance(NOW), lambda: due(here, size))
        each = Way(lambda: loop(1), lambda: due(here, few))
        batches = Way(lambda: loop(COMMITTED_EVERY), lambda: due(here, few))
        statement = Way(lambda: VISITS * one_statement.advanced(here), lambda: due(here, size))
        apart = Way(ours.work, lambda: due(here, size, are_alike=False))
        compare(here, few)
        our_rate, each_rate, batch_rate, one_rate, apart_rate = rates(ours, each, batches, statement, apart)
    name, alone = f"path of {VISITS} visits and an e-mail", "1 worker, 1 connection"
    yield Pace(PART, name, alone, "visits/s", our_rate, each_rate, "ORM loop, a commit each contact", 30)
    yield Pace(PART, name, alone, "visits/s", our_rate, batch_rate, f"ORM loop, a commit each {COMMITTED_EVERY}", 5)
    yield Pace(PART, name, alone, "visits/s", our_rate, one_rate, "all of them in one statement of SQL")
    yield Pace(PART, f"{name}, nobody came in with another", alone, "visits/s", apart_rate, our_rate, "all at once")


def due(here: World, number: int, *, are_alike: bool = True) -> None:
    """So many contacts stand at the first wait, which is over. They `are_alike`: they came there at the same moment."""
    empty(*PASSING)
    enrolled(here, 1, number, NOW, are_alike=are_alike)
    settle_down("enrollment", "visit", "delivery")


def compare(here: World, number: int) -> None:
    """Raises NotTheSame unless all ways write the very same."""
    ways: tuple[Callable[[], int], ...] = (
        lambda: advancing.advance(NOW),
        lambda: loop(1),
        lambda: one_statement.advanced(here),
    )
    found = []
    for way in ways:
        due(here, number)
        way()
        found.append(written())
    if any(one != found[0] for one in found):
        raise NotTheSame(NotTheSame.__doc__)


def written() -> list[tuple[object, ...]]:
    """All that was written but ids that are drawn anew each time."""
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN)
        return cursor.fetchall()


WRITTEN = """
SELECT e.contact_id, e.status, e.step, e.step_entered_at, e.due_at, e.visit_count, e.attempts, e.error, e.exit_reason,
  e.waits_for_kind, v.number, v.step, v.kind, v.entered_at, v.left_at, v.outlet, v.outcome, v.seen, d.contact_id,
  d.address, d.channel, d.kind, d.stream, d.basis, d.mailing_list_id, d.message_key, d.context, d.locale, d.status,
  d.asks_for_review
FROM wagtail_flows_enrollment e JOIN wagtail_flows_visit v ON v.enrollment_id = e.id
LEFT JOIN wagtail_flows_delivery d ON d.visit_id = v.id ORDER BY e.contact_id, v.number
"""


def loop(committed_every: int) -> int:
    """How somebody writes it who knows Django well and thinks of one contact at a time; how many visits."""
    message = Message.objects.get(translation_key=MESSAGE)
    newsletter = MailingList.objects.get(public_id=LIST)
    ids = list(
        Enrollment.objects.filter(status="active", due_at__lte=NOW).order_by("due_at").values_list("pk", flat=True)
    )
    for first in range(0, len(ids), committed_every):
        with transaction.atomic():
            for pk in ids[first : first + committed_every]:
                _advance(pk, message, newsletter)
    return VISITS * len(ids)


def _advance(pk: int, message: Message, newsletter: MailingList) -> None:
    enrollment = Enrollment.objects.select_for_update(of=("self",)).select_related("contact").get(pk=pk)
    _visit(enrollment, "wait", "wait", "next", "continue")
    reads = Subscription.objects.filter(
        contact=enrollment.contact, mailing_list=newsletter, status=Subscription.Status.SUBSCRIBED
    ).exists()
    seen = {"answers": {"reads": reads}}
    _visit(enrollment, "condition", "condition", "reads", "continue", seen)
    visit = _visit(enrollment, "send", "send_email", "next", "send")
    Delivery.objects.create(
        visit=visit,
        contact=enrollment.contact,
        address=enrollment.contact.address,
        locale=enrollment.contact.locale,
        stream=message.stream,
        basis=message.basis,
        mailing_list=newsletter,
        message_key=UUID(str(message.translation_key)),
        context={"subject": enrollment.subject, "event": {}},
        queued_at=NOW,
        due_at=NOW,
    )
    enrollment.step, enrollment.due_at = "wait_again", NOW + timedelta(days=2)
    enrollment.save(update_fields=["step", "step_entered_at", "due_at", "visit_count"])


def _visit(
    enrollment: Enrollment, step: str, kind: str, outlet: str, outcome: str, seen: dict[str, object] | None = None
) -> Visit:
    enrollment.visit_count += 1
    entered_at, enrollment.step_entered_at = enrollment.step_entered_at, NOW
    return Visit.objects.create(
        enrollment=enrollment,
        number=enrollment.visit_count,
        step=step,
        kind=kind,
        entered_at=entered_at,
        left_at=NOW,
        outlet=outlet,
        outcome=outcome,
        seen=seen or {},
    )
