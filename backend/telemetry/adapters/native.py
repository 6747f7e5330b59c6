"""Our own format: a message is a record (`messages`)."""

from __future__ import annotations

from collections.abc import Iterator

from backend.telemetry.adapters.dialect import Context, Draft
from backend.telemetry.views import Problem

SOURCE = "native"


def read(message: object, context: Context) -> Iterator[Draft | Problem]:  # noqa: ARG001 - all adapters are asked alike
    """Return the record as it stands."""
    if isinstance(message, dict):
        yield Draft(record=message)
    else:
        yield Problem("record", "a record is an object with elevator, at and seq")
