"""What leaves the phones' capability: phones, invitations, what became of envelopes, and the facts of a visit's entries."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from qr.chain.entry import Entry
from qr.chain.position import OpenedPosition
from qr.chain.rules import ChainReport
from qr.chain.times import Reading, TimeBounds
from qr.errors import Bilingual


class Standing(StrEnum):
    """How an entry stood in its phone's chain when it came."""

    LINKED = "linked"
    CUT = "cut"
    """Entries before it were missing; they may have come since."""

    FORKED = "forked"
    """Its place was taken by another entry, or it follows another one than the one that is known."""


class HeadView(Struct, frozen=True, kw_only=True):
    """The last entry of a phone up to which nothing is missing."""

    seq: int
    """0 where there is none."""

    sha256: str
    """Of its payload; of the phone's public key where there is none."""


class PhoneView(Struct, frozen=True, kw_only=True):
    """A technician's phone."""

    id: UUID
    technician: UUID
    technician_name: str
    name: str
    enrolled_at: datetime
    revoked_at: datetime | None
    revoked_reason: str
    head: HeadView
    entries: int
    """Entries that were stored, those for review too."""

    last_entry_at: datetime | None
    """When the server last had one."""

    waiting: int
    """Entries behind a gap: they wait for those that are missing."""

    forked: bool
    """Two entries claimed the same place, at least once."""

    after_revocation: int
    """Entries that came after it was revoked."""


class InviteView(Struct, frozen=True, kw_only=True):
    """Leave to enrol one phone."""

    id: UUID
    technician: UUID
    technician_name: str
    made_at: datetime
    expires_at: datetime


class NewInvite(Struct, frozen=True, kw_only=True):
    """An invitation with its code, which is told once."""

    id: UUID
    code: str
    """``XXXX-XXXX``."""

    expires_at: datetime

    def __repr__(self) -> str:
        return f"NewInvite({self.id})"


class EnrolInput(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A phone that wants to be the technician's."""

    invite: str
    name: str
    """What it calls itself."""

    public_key: str
    """Base64url of the 65-byte uncompressed P-256 point."""

    proof: str
    """Base64url of the signature over the canonical JSON of format, invite and public key."""

    def __repr__(self) -> str:
        return f"EnrolInput({self.name!r})"


class Enrolled(Struct, frozen=True, kw_only=True):
    """What a phone learns when it is enrolled."""

    id: UUID
    technician: UUID
    head: HeadView
    beacon: str
    """A signed server time, opaque to the phone."""

    handover_key: dict[str, str]
    """Public key (JWK) for a file of what it cannot send."""


class BeaconView(Struct, frozen=True, kw_only=True):
    """A signed server time."""

    token: str
    at_ms: int
    """Milliseconds since 1970 UTC."""


class KeptState(StrEnum):
    """What became of an envelope."""

    STORED = "stored"
    """Verified, stored, and linked into the chain."""

    DUPLICATE = "duplicate"
    """It was stored before."""

    KEPT = "kept"
    """Stored for review only: the phone was revoked, or the chain is forked or cut."""

    REFUSED = "refused"
    """No entry of this phone; not stored as one."""


class StoredEntry(Struct, frozen=True, kw_only=True):
    """An entry as it is stored."""

    id: UUID
    firm: UUID
    phone: UUID
    technician: UUID
    sha256: str
    entry: Entry
    received_at: datetime
    standing: Standing
    revoked: bool
    """It came after the phone was revoked."""

    position: OpenedPosition | None


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of one envelope."""

    index: int
    """Its place in what was sent."""

    state: KeptState
    reason: str
    """Machine code: one of `qr.chain`, or phone_revoked, chain_forked, chain_cut; empty where it was stored."""

    text: Bilingual | None
    seq: int | None
    """None where it is refused."""

    sha256: str
    """Of its payload; empty where it is refused."""

    stored: StoredEntry | None
    """None where it is refused."""


class Kept(Struct, frozen=True, kw_only=True):
    """What became of all envelopes."""

    outcomes: tuple[Outcome, ...]
    """In the order in which they were sent."""

    linked: tuple[StoredEntry, ...]
    """Entries that are now linked into the chain, in its order: those of this upload, and earlier ones that waited for them.
    Not those that came after the phone was revoked."""

    head: HeadView
    technician: UUID


class PhoneFacts(Struct, frozen=True, kw_only=True):
    """What a proof needs to know of a phone."""

    id: UUID
    technician: UUID
    name: str
    enrolled_at: datetime
    revoked_at: datetime | None
    forked_at: tuple[int, ...]
    """Numbers of the entries that claimed a place that was taken, over the phone's whole life."""


class EntryFacts(Struct, frozen=True, kw_only=True):
    """One signed entry, verified, with the bounds of its time."""

    entry: Entry
    sha256: str
    received_at: datetime
    standing: Standing
    """How it stood when it came."""

    linked: bool
    """Whether it is linked into the chain now."""

    revoked: bool
    """It came after the phone was revoked."""

    beacon_refused: bool
    """It carries a server time that was not signed here."""

    label: str
    """First half of the scanned code; empty where there is none, or none of ours."""

    position: OpenedPosition | None
    position_forgotten: bool
    bounds: TimeBounds
    reading: Reading


class PhoneChain(Struct, frozen=True, kw_only=True):
    """The entries of one phone that were asked for."""

    phone: PhoneFacts
    entries: tuple[EntryFacts, ...]
    """In the order of their numbers."""

    report: ChainReport
    """Of the chain from the entry before the first of them (or before the first gap) to the last of them."""
