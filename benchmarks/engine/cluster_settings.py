"""The settings of the worker processes: those of the benchmarks, on the database of the engine."""

from benchmarks.engine.world_name import DATABASE
from benchmarks.settings import *  # noqa: F403
from benchmarks.settings import DATABASES


DATABASES["default"]["NAME"] = DATABASE
