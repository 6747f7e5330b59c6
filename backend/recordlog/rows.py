"""Rows of the log, as its queries return them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct


class PendingRow(Struct, frozen=True, kw_only=True):
    """A version of a record that waits for its leaf."""

    record: UUID
    firm: UUID
    visit: UUID
    version: int
    sha256: str
    body: dict[str, Any]


class EntryRow(Struct, frozen=True, kw_only=True):
    """What opens a leaf, with the record it stands for."""

    leaf: int
    data: str
    visit: UUID
    version: int
    statement: dict[str, Any]
    public_salt: bytes
    record_salt: bytes
    sha256: str
    body: dict[str, Any]


class CheckedRow(Struct, frozen=True, kw_only=True):
    """A leaf with all that it is checked against; None where nothing opens it."""

    position: int
    data: str
    firm: UUID | None
    visit: UUID | None
    version: int | None
    statement: dict[str, Any] | None
    public_salt: bytes | None
    record_salt: bytes | None
    sha256: str | None
    body: dict[str, Any] | None


class UnloggedRow(Struct, frozen=True, kw_only=True):
    """A version of a record without a leaf."""

    firm: UUID
    visit: UUID
    version: int
    waiting_since: datetime | None
    """None where it does not even wait for one."""
