"""The errors that callers may catch. The docstring says what to do; `is_temporary` says whether trying again can
help.
"""

from __future__ import annotations


class FlowsError(Exception):
    """Something this package refuses or cannot do; the message says what to do next."""

    is_temporary = False
