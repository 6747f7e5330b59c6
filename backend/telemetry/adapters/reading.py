"""Messages of a foreign format → records, each with the message that it was made of, and why others could not be read. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import Struct

from backend.errors import Fault, InvalidInput
from backend.telemetry.adapters import bacnet, es1500, gbt24476, jtc340, native, thingsboard
from backend.telemetry.adapters.dialect import Context, Draft
from backend.telemetry.messages import MAX_RECORDS, parse_json
from backend.telemetry.views import Problem

ADAPTERS: Mapping[str, Callable[[object, Context], Iterator[Draft | Problem]]] = {
    adapter.SOURCE: adapter.read for adapter in (thingsboard, jtc340, es1500, bacnet, gbt24476)
}
"""Name in the path of the API and in topics → what reads a message."""

READERS: Mapping[str, Callable[[object, Context], Iterator[Draft | Problem]]] = {native.SOURCE: native.read, **ADAPTERS}
"""The same with our own format."""


class ReadMessages(Struct, kw_only=True):
    """What messages say."""

    records: list[object] = []
    indexes: list[int] = []
    """For each record the place of its message among the messages."""

    fields: list[Mapping[str, str]] = []
    """For each record: field of the record → where the message says it."""

    refused: list[tuple[int, Problem]] = []
    """Place of a message, and why it or a part of it cannot be read."""

    def field_of(self, record: int, field: str) -> str:
        """Return where a message says a field of its record."""
        return self.fields[record].get(field, field)


def messages_of(data: bytes) -> list[object]:
    """Return the messages of a body: one, or a list of them.

    Raises
    ------
    InvalidInput
        If it is no JSON, or holds more than `MAX_RECORDS` messages.
    """
    value = parse_json(data)
    messages = value if isinstance(value, list) else [value]
    if len(messages) > MAX_RECORDS:
        fault = Fault.of("", str(len(messages)), "send at most {most} messages at once; split the batch", most=MAX_RECORDS)
        raise InvalidInput("these are too many messages", faults=[fault])
    return messages


def read_messages(adapter: str, messages: Sequence[object], context: Context) -> ReadMessages:
    """Read messages; whatever they are, each comes out as records or as problems, or as both."""
    found = ReadMessages()
    for index, message in enumerate(messages):
        for one in _read_one(adapter, message, context):
            if isinstance(one, Problem):
                found.refused.append((index, one))
            elif one.record.get("elevator") is None and adapter != native.SOURCE:
                found.refused.append((index, _nobodys(one)))
            elif len(found.records) >= MAX_RECORDS:
                too_many = Problem(
                    "message", "send at most {most} records at once; split the batch", {"most": str(MAX_RECORDS)}
                )
                found.refused.append((index, too_many))
                break
            else:
                found.records.append(one.record)
                found.indexes.append(index)
                found.fields.append(one.fields)
    return found


def _read_one(adapter: str, message: object, context: Context) -> list[Draft | Problem]:
    try:
        read = list(READERS[adapter](message, context))
    except RecursionError:
        return [Problem("message", "the message is nested too deeply")]
    return read or [Problem("message", "the message says nothing")]


def _nobodys(draft: Draft) -> Problem:
    reason = (
        "the message names no elevator: give its registration code, or use a device that speaks for one elevator, or tell the"
        " device's page what the gateway calls its elevators"
    )
    return Problem(draft.fields.get("elevator", "elevator"), reason)
