"""Checks what is stored of phones' chains anew, from the signatures on: whether somebody changed the database."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from backend import database
from backend.phones import entry_queries, queries
from backend.phones.entry_queries import EntryRow
from backend.phones.queries import PhoneRow
from backend.scope import Scope
from qr.chain.entry import decode, kind_of, sha256_of
from qr.chain.envelope import holds, root_of
from qr.chain.errors import ChainError


class Checked(Struct, frozen=True, kw_only=True):
    """What was found in the chain of one phone."""

    phone: UUID
    name: str
    entries: int
    faults: tuple[str, ...]
    """Sentences for whoever runs the installation; empty where all is as it was signed."""


async def check(scope: Scope) -> list[Checked]:
    """Check the chains of all phones that the asker sees, each in a transaction of its own."""
    async with database.tx(scope):
        known = await queries.phones(None)
    found = []
    for one in known:
        async with database.tx(scope):
            phone = await queries.phone(one.id)
            if phone is not None:
                rows = await entry_queries.behind(phone.id, 0)
                found.append(Checked(phone=phone.id, name=phone.name, entries=len(rows), faults=tuple(_faults(phone, rows))))
    return found


def _faults(phone: PhoneRow, rows: list[EntryRow]) -> list[str]:
    told = [f"entry {row.seq}: {fault}" for row in rows if (fault := _fault(phone, row))]
    linked = [row for row in rows if row.linked]
    before = (0, root_of(phone.public_key))
    for row in linked:
        if (row.seq - 1, row.prev) != before:
            told.append(f"entry {row.seq}: it does not follow entry {before[0]}")
        before = (row.seq, row.sha256)
    if before != (phone.head_seq, phone.head_sha256):
        told.append(f"the phone's last entry is noted as {phone.head_seq}, the chain ends with {before[0]}")
    return told


def _fault(phone: PhoneRow, row: EntryRow) -> str | None:
    """Return what is wrong with a stored entry; None where it is as it was signed."""
    if sha256_of(row.payload) != row.sha256:
        return "its content does not fit its hash"
    if not holds(phone.public_key, row.signature, row.payload):
        return "its signature is not the phone's"
    try:
        entry = decode(row.payload)
    except ChainError as error:
        return str(error)
    said = (entry.phone, entry.seq, entry.prev, kind_of(entry), entry.visit_id)
    if said != (row.phone, row.seq, row.prev, row.kind, row.visit):
        return "the columns beside its content say something else"
    return None
