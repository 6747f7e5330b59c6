"""Batches of records on their way in, and the answers to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from backend.telemetry.messages import parse_body
from backend.telemetry.rejected import Refused
from backend.telemetry.views import IngestResult, Problem, Rejection

NATIVE = "native"
"""Our own format of messages, beside those of the adapters."""

_TO_THE_MINUTE = timedelta(minutes=1)


class DeviceSource(Struct, frozen=True, kw_only=True):
    """What intake must know of the device that sends."""

    id: UUID
    firm: UUID
    elevator: UUID | None
    """The only elevator it speaks for; None for a gateway, which speaks for all of its firm."""

    name: str
    widths: dict[str, int] = {}
    """Counter → value at which it rolls over."""

    last_seen_at: datetime | None = None

    def silent_for(self, now: datetime) -> bool:
        """Return whether its last sign of life must be noted anew: that is kept to the minute."""
        return self.last_seen_at is None or now - self.last_seen_at > _TO_THE_MINUTE


class Batch(Struct, frozen=True, kw_only=True):
    """Records that came together, each as parsed JSON or as `quick_read` typed it."""

    records: Sequence[object]
    body: bytes | None = None
    """What they were read from, so that a rejected one is kept as it came; None where `records` are what came."""

    device: DeviceSource | None = None
    """None for what a person or a command brings in for the whole firm."""

    adapter: str = NATIVE
    """The format of the messages that the records were made of."""

    originals: Sequence[object] = ()
    """For each record of a foreign format the message that it was made of: what is kept if the record is rejected."""

    topic: str = ""
    """Where that was published, over MQTT."""


class Answers:
    """What becomes of each record, and at the end the result per batch."""

    def __init__(self, batches: Sequence[Batch]) -> None:
        self._batches = batches
        self._accepted = [0] * len(batches)
        self._duplicates = [0] * len(batches)
        self._rejected: list[list[Rejection]] = [[] for _ in batches]

    def accept(self, batch: int) -> None:
        """Count a record that was taken."""
        self._accepted[batch] += 1

    def duplicate(self, batch: int) -> None:
        """Count a record that was there."""
        self._duplicates[batch] += 1

    def reject(self, batch: int, index: int, problems: Sequence[Problem]) -> None:
        """Answer for a record that was not taken."""
        first, *others = problems
        self._rejected[batch].append(
            Rejection(index=index, field=first.field, template=first.template, params=first.params, also=others)
        )

    def results(self) -> list[IngestResult]:
        """Return the result of each batch."""
        rejected = [sorted(found, key=lambda rejection: rejection.index) for found in self._rejected]
        return [
            IngestResult(accepted=a, duplicates=d, rejected=r)
            for a, d, r in zip(self._accepted, self._duplicates, rejected, strict=True)
        ]

    def refused(self) -> list[Refused]:
        """Return what is to be kept of the rejected records."""
        return [
            Refused(
                device=None if batch.device is None else batch.device.id,
                field=rejection.field, template=rejection.template, params=rejection.params,
                body=came[rejection.index], adapter="" if batch.adapter == NATIVE else batch.adapter, topic=batch.topic,
            )
            for batch, rejections in zip(self._batches, self._rejected, strict=True)
            if rejections
            for came in [batch.originals or (batch.records if batch.body is None else _came_in(batch.body))]
            for rejection in rejections
        ]  # fmt: skip


def _came_in(body: bytes) -> list[object]:
    return parse_body(body, with_key=True).records
