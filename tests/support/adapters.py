"""What adapters make of messages, as tests look at it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from backend.telemetry.adapters.dialect import Context, Dialect
from backend.telemetry.adapters.reading import ReadMessages, read_messages
from backend.telemetry.messages import NativeRecord, decode
from backend.telemetry.views import Problem
from backend.telemetry.vocabulary import vocabulary

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
ELEVATOR = "31103310020000000777"


def context(elevator: str | None = ELEVATOR, zone: str = "Asia/Shanghai", topic: str = "", **dialect: Any) -> Context:
    """The context of a device that speaks for one elevator."""
    return Context(received_at=NOW, zone=ZoneInfo(zone), elevator=elevator, topic=topic, dialect=Dialect(**dialect))


def read(adapter: str, message: object, of: Context | None = None) -> ReadMessages:
    """What an adapter makes of one message."""
    return read_messages(adapter, [message], of or context())


def records(adapter: str, message: object, of: Context | None = None) -> list[NativeRecord]:
    """The records that a message becomes, each sound; nothing of it is refused."""
    found = read(adapter, message, of)
    assert not found.refused, [(one.field, one.template.format(**one.params)) for _, one in found.refused]
    made = [decode(record, vocabulary(), NOW) for record in found.records]
    for one in made:
        assert isinstance(one, NativeRecord), one
    return [one for one in made if isinstance(one, NativeRecord)]


def record(adapter: str, message: object, of: Context | None = None) -> NativeRecord:
    """The one record that a message becomes."""
    [made] = records(adapter, message, of)
    return made


def problem(adapter: str, message: object, of: Context | None = None) -> Problem:
    """The one reason for which a message is refused."""
    found = read(adapter, message, of)
    assert not found.records
    [(_, told)] = found.refused
    assert told.template.format(**told.params)
    return told


def raw(made: NativeRecord) -> dict[str, tuple[str, object]]:
    """What a record keeps as it came: name → why and value."""
    return {name: (kept.why, kept.value) for name, kept in made.raw.items()}


def codes(made: NativeRecord) -> list[tuple[str, str]]:
    """Codes and kinds of a record's events."""
    return [(event.raw_code, event.kind) for event in made.events]
