"""What the phones' signed entries say for a visit: signatures, keys, chain and time bounds, scan by scan."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from qr.chain import ChainReport, TimeBounds
from qr.evidence import KeyState, SignatureState


class SignedScan(Struct, frozen=True, kw_only=True):
    """What is known of a scan because a phone signed it."""

    signature: SignatureState
    key: KeyState
    bounds: TimeBounds
    fixed_at: datetime | None
    """When the phone found its position, by its own clock."""


class SignedFacts(Struct, frozen=True, kw_only=True):
    """What is known of a visit because phones signed it."""

    scans: dict[UUID, SignedScan]
    """By the scan's id; a scan that is not among them is unsigned."""

    chain: ChainReport | None
    """Of the first technician's phone around the visit."""


NOTHING_SIGNED = SignedFacts(scans={}, chain=None)


async def signed_inside(visit: UUID) -> SignedFacts:
    """Return what signed entries say for a visit, inside the caller's transaction."""
    return NOTHING_SIGNED
