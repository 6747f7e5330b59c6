"""What makes a request the same as one before: its content, not its bytes."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from datetime import UTC

import msgspec

from backend.visits.inputs import ArrivalInput, FindingInput, ScanInput


def arrival_sha256(arrival: ArrivalInput) -> str:
    """Return the digest of an arrival; the same instant in another zone is the same."""
    return _digest(msgspec.structs.replace(arrival, scan=_normal(arrival.scan)))


def scan_sha256(scan: ScanInput) -> str:
    """Return the digest of a departure scan; the same instant in another zone is the same."""
    return _digest(_normal(scan))


def finding_sha256(finding: FindingInput) -> str:
    """Return the digest of a finding."""
    return _digest(finding)


def _normal(scan: ScanInput) -> ScanInput:
    at = scan.at
    with suppress(OverflowError):  # the first and the last day that there are; refused elsewhere
        at = at.astimezone(UTC)
    return msgspec.structs.replace(scan, at=at, code=scan.code.strip())


def _digest(value: object) -> str:
    return hashlib.sha256(msgspec.json.encode(value, order="deterministic")).hexdigest()
