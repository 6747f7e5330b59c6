"""What a job is: a name, the shape of its payload and a coroutine function."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from msgspec import Struct


class Nothing(Struct, frozen=True, forbid_unknown_fields=True):
    """The payload of a job that needs to be told nothing."""


class Job(Struct, frozen=True, kw_only=True):
    """Durable work. It may be run again after a crash, so running it twice must do no harm."""

    name: str
    payload: type[Struct]
    """Decoded from JSON before `run` is called; what does not fit is a failed job, not a retried one."""

    run: Callable[[Any], Coroutine[Any, Any, None]]
    """Called with the payload; opens its own transactions. Cancelled when the worker stops and the job takes too long."""

    max_attempts: int = 5
    """Runs before the job is set aside as failed, 1 or more."""

    quick: bool = False
    """Somebody waits for it: it has a lane of its own, so that it never stands behind a plan run."""
