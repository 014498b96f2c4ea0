"""The same path as one statement: what PostgreSQL itself needs to write these rows; nothing can be faster than that."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection

from benchmarks.engine.world import MESSAGE, NOW, World


def advanced(here: World) -> int:
    """Everybody who is due goes wait → condition → send → wait; how many."""
    values = {"now": NOW, "later": NOW + timedelta(days=2), "message": MESSAGE, "list": here.mailing_list}
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, values)
        return cursor.rowcount


STATEMENT = """
WITH due AS (
  SELECT e.id, e.contact_id, e.scenario_id, e.subject, e.step_entered_at AS entered_at, c.address, c.domain, c.locale,
    EXISTS (
      SELECT FROM wagtail_flows_subscription s
      WHERE s.contact_id = c.id AND s.mailing_list_id = %(list)s AND s.status = 'subscribed'
    ) AS reads
  FROM wagtail_flows_enrollment e JOIN wagtail_flows_contact c ON c.id = e.contact_id
  WHERE e.status = 'active' AND e.due_at <= %(now)s
  FOR NO KEY UPDATE OF e, c SKIP LOCKED
), moved AS (
  UPDATE wagtail_flows_enrollment e
  SET step = 'wait_again', step_entered_at = %(now)s, due_at = %(later)s, visit_count = 3
  FROM due WHERE e.id = due.id
), visited AS (
  INSERT INTO wagtail_flows_visit (enrollment_id, number, step, kind, entered_at, left_at, outlet, outcome, seen)
  SELECT due.id, v.number, v.step, v.kind, CASE v.number WHEN 1 THEN due.entered_at ELSE %(now)s END, %(now)s, v.outlet,
    v.outcome,
    CASE v.number WHEN 2 THEN jsonb_build_object('answers', jsonb_build_object('reads', due.reads)) ELSE '{}' END
  FROM due CROSS JOIN (VALUES
    (1, 'wait', 'wait', 'next', 'continue'),
    (2, 'condition', 'condition', 'reads', 'continue'),
    (3, 'send', 'send_email', 'next', 'send')
  ) AS v (number, step, kind, outlet, outcome)
  WHERE due.reads
  RETURNING id, enrollment_id, number
)
INSERT INTO wagtail_flows_delivery (public_id, channel, kind, address, domain, stream, basis, asks_for_review,
  is_repeatable, message_key, context, locale, rendered_subject, status, reason, error, attempts, queued_at, due_at,
  provider_id, contact_id, mailing_list_id, scenario_id, visit_id)
SELECT gen_random_uuid(), 'email', 'message', due.address, due.domain, 'commercial', 'subscription', false, false,
  %(message)s, jsonb_build_object('subject', due.subject, 'event', '{}'::jsonb), due.locale, '', 'queued', '', '', 0,
  %(now)s, %(now)s, '', due.contact_id, %(list)s, due.scenario_id, visited.id
FROM visited JOIN due ON due.id = visited.enrollment_id WHERE visited.number = 3
"""
