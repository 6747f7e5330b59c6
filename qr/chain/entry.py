"""Entries: what a phone appends to its chain, as structs and as the bytes that it signs (docs/scan-events.md).

The payload of an entry is canonical JSON (RFC 8785 without fractions). `decode` takes exactly the bytes that `encode` would
make of what it read: another spelling of the same content (spaces, order, escapes, doubled keys, ``1.0`` for ``1``) is
refused, so that one entry has one hash.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from qr.canonical import canonical
from qr.chain.bodies import (
    LARGEST_INTEGER,
    ArrivalBody,
    Count,
    DepartureBody,
    FindingBody,
    Hex64,
    ScanBody,
    UuidOrNone,
    WorkBody,
)
from qr.chain.errors import ChainError, refused

FORMAT: Final = "liftrounds-entry/1"

LARGEST_PAYLOAD: Final = 256 * 1024
"""Bytes of one payload: sixty answers with long notes and a hundred photos have a quarter of it."""

LONGEST_TOKEN: Final = 1_000
"""Characters of a server time; ours have about 300."""


class Clock(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A reading of the phone's monotonic clock, which nobody can set."""

    session: UUID
    """One run of that clock: a page load, a start of the app."""

    mono_ms: Count


class HeldBeacon(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The last server time that the phone had, and its monotonic clock when that came."""

    token: Annotated[str, Meta(min_length=1, max_length=LONGEST_TOKEN)]
    session: UUID
    mono_ms: Count


class Head(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """What entries of all kinds have."""

    format: Literal["liftrounds-entry/1"]
    phone: UUID
    seq: Annotated[int, Meta(ge=1, le=LARGEST_INTEGER)]
    """1, 2, … without a gap."""

    prev: Hex64
    """SHA-256 of the payload before; of the phone's public key where `seq` is 1."""

    visit: UuidOrNone
    """The visit it belongs to; empty where the phone does not know it (the second technician's scans)."""

    at_ms: Count
    """The phone's clock, milliseconds since 1970 UTC; a person can set it."""

    clock: Clock
    beacon: HeldBeacon | None

    @property
    def visit_id(self) -> UUID | None:
        """The visit it belongs to, if the phone knew it."""
        return UUID(self.visit) if self.visit else None


class Arrival(Head, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="arrival"):
    """The scan that opens a visit."""

    body: ArrivalBody


class Departure(Head, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="departure"):
    """The scan that ends a visit."""

    body: DepartureBody


class ZoneScan(Head, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="zone"):
    """A scan in the machine room, on the car top or in the pit."""

    body: ScanBody


class Join(Head, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="join"):
    """The second technician's own scan on coming, with their own phone."""

    body: ScanBody


class Leave(Head, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="leave"):
    """The second technician's own scan on going."""

    body: ScanBody


class Work(Head, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="work"):
    """A batch of answers, parts and photos."""

    body: WorkBody


class FindingEntry(Head, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="finding"):
    """Something wrong with the elevator."""

    body: FindingBody


ScanEntry = Arrival | Departure | ZoneScan | Join | Leave
"""Entries that hold a scan."""

Entry = Arrival | Departure | ZoneScan | Join | Leave | Work | FindingEntry
"""Any entry; `kind_of` names its kind."""

KINDS: Final = ("arrival", "departure", "zone", "join", "leave", "work", "finding")

_DECODER: Final = msgspec.json.Decoder(Entry)
_VISITLESS: Final = (Join, Leave)


def kind_of(entry: Entry) -> str:
    """Return the kind of an entry as its payload spells it."""
    return str(type(entry).__struct_config__.tag)


def encode(entry: Entry) -> bytes:
    """Return the payload of an entry: the bytes that are hashed and signed."""
    return canonical(msgspec.to_builtins(entry))


def sha256_of(payload: bytes) -> str:
    """Return the hash by which the next entry names this one, lower-case hexadecimal."""
    return hashlib.sha256(payload).hexdigest()


def decode(payload: bytes) -> Entry:
    """Read a payload.

    Raises
    ------
    ChainError
        With the reason ``too_large``, ``unknown_format``, ``unknown_kind``, ``malformed``, ``not_canonical``,
        ``visit_missing`` or ``position_marked_wrong``.
    """
    if len(payload) > LARGEST_PAYLOAD:
        raise refused("too_large", f"条目超过 {LARGEST_PAYLOAD} 字节", f"The entry has more than {LARGEST_PAYLOAD} bytes")
    try:
        entry: Entry = _DECODER.decode(payload)
        spelled = encode(entry)
    except msgspec.ValidationError as error:
        raise _not_valid(str(error)) from None
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise refused("malformed", "条目不是有效的 JSON", f"The entry is no JSON: {error}") from None
    if spelled != payload:
        raise refused("not_canonical", "条目不是规范格式（RFC 8785）", "The entry is not in its canonical form (RFC 8785)")
    if not entry.visit and not isinstance(entry, _VISITLESS):
        raise refused("visit_missing", "条目未写明所属维保", "The entry does not say which visit it belongs to")
    if isinstance(entry, ScanEntry):
        mark = entry.body.position
        if (mark.state == "given") != bool(mark.commitment):
            zh, en = "位置状态与位置承诺不一致", "The position's state and its commitment do not fit together"
            raise refused("position_marked_wrong", zh, en)
    return entry


def _not_valid(told: str) -> ChainError:
    """Return the refusal for content that is JSON but no entry; msgspec names the field, never the value of a text."""
    if told.endswith("`$.format`"):
        return refused(
            "unknown_format", f"条目格式不是 {FORMAT}，请更新应用", f"The entry's format is not {FORMAT}: update the app"
        )
    if told.endswith("`$.kind`"):
        return refused("unknown_kind", "条目类型未知，请更新应用", "The entry is of an unknown kind: update the app")
    return refused("malformed", f"条目内容无效：{told}", f"The entry is not valid: {told}")
