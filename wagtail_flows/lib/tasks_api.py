"""The Django Tasks API, wherever it comes from: Django itself from 6.0 on, before that the backport that Wagtail
installs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import django


# The types are Django's own, which the backport has taken over.
if TYPE_CHECKING or django.VERSION >= (6, 0):
    from django.tasks import TaskResult, TaskResultStatus, task, task_backends
    from django.tasks.backends.base import BaseTaskBackend
    from django.tasks.base import Task
    from django.tasks.exceptions import InvalidTask
    from django.tasks.signals import task_enqueued
else:
    from django_tasks import TaskResult, TaskResultStatus, task, task_backends
    from django_tasks.backends.base import BaseTaskBackend
    from django_tasks.base import Task
    from django_tasks.exceptions import InvalidTaskError as InvalidTask
    from django_tasks.signals import task_enqueued


__all__ = [
    "BaseTaskBackend",
    "InvalidTask",
    "Task",
    "TaskResult",
    "TaskResultStatus",
    "task",
    "task_backends",
    "task_enqueued",
]
