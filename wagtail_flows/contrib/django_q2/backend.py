"""A backend of the Django Tasks API that runs tasks on django-q2.

    TASKS = {"default": {"BACKEND": "wagtail_flows.contrib.django_q2.backend.DjangoQ2Backend", "QUEUES": []}}

The queue "default" is the site's own cluster; any other queue is the cluster of that name in
`Q_CLUSTER["ALT_CLUSTERS"]`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django_q.models import Schedule
from django_q.tasks import async_task, schedule

from wagtail_flows.lib import clock
from wagtail_flows.lib.tasks_api import (
    BaseTaskBackend,
    InvalidTask,
    Task,
    TaskResult,
    TaskResultStatus,
    task_enqueued,
)


RUN = "wagtail_flows.contrib.django_q2.running.run"
DEFAULT_QUEUE = "default"


class DjangoQ2Backend(BaseTaskBackend):
    """Arguments must be JSON. A task that raises is kept among django-q2's failures and not run again by itself.

    django-q2 runs a task again when its worker was killed, so tasks must bear being run twice.
    """

    supports_defer = True
    supports_async_task = True

    def validate_task(self, task: Task) -> None:
        """Refuse what django-q2 can't do. Raises InvalidTask."""
        super().validate_task(task)
        if task.takes_context:
            raise InvalidTask("django-q2 has no context to give to a task.")

    def enqueue(self, task: Task, args: Sequence[Any], kwargs: Mapping[str, Any]) -> TaskResult:
        """Put the task on the queue, or on django-q2's schedule when it is to run later."""
        self.validate_task(task)
        # Made first: it refuses arguments that aren't JSON, before anything is queued.
        result = self._result(task, args, kwargs)
        object.__setattr__(result, "id", self._put(task, result))
        task_enqueued.send(type(self), task_result=result)
        return result

    def _put(self, task: Task, result: TaskResult) -> str:
        options = _options(task)
        if task.run_after is None:
            return str(async_task(RUN, task.module_path, result.args, result.kwargs, q_options=options))
        planned = schedule(
            RUN,
            task.module_path,
            result.args,
            result.kwargs,
            schedule_type=Schedule.ONCE,
            next_run=task.run_after,
            cluster=options.get("cluster"),
            q_options=options,
        )
        return f"schedule:{planned.pk}"

    def _result(self, task: Task, args: Sequence[Any], kwargs: Mapping[str, Any]) -> TaskResult:
        return TaskResult(
            task=task,
            id="",
            status=TaskResultStatus.READY,
            enqueued_at=clock.real_now(),
            started_at=None,
            finished_at=None,
            last_attempted_at=None,
            args=list(args),
            kwargs=dict(kwargs),
            backend=self.alias,
            errors=[],
            worker_ids=[],
        )


def _options(task: Task) -> dict[str, Any]:
    """`ack_failure`: without it a task that raises would be run again for ever (django-q2's `max_attempts` is 0 by
    default).
    """
    cluster = {} if task.queue_name == DEFAULT_QUEUE else {"cluster": task.queue_name}
    return {"ack_failure": True, "group": task.module_path[-100:], **cluster}
