"""Takes in what a phone signed: verifies, stores, links. What an entry means for a visit is not its business.

The phone's row is locked meanwhile, so that two uploads of one phone come one after the other; the same envelope twice is a
duplicate, whichever was first. Entries are looked at in the order of their numbers, because the chain and not the upload says
what came first.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from backend import clock, database
from backend.errors import NotAllowed, NotFound
from backend.people import service as people
from backend.phones import entry_queries, queries
from backend.phones.entry_queries import NewEntry, PositionRow
from backend.phones.linking import Chain
from backend.phones.queries import PhoneRow
from backend.phones.views import HeadView, Kept, KeptState, Outcome, Standing, StoredEntry
from backend.scope import SYSTEM, Role, Scope
from qr import code as label_code
from qr.base64url import from_base64url
from qr.chain import beacon
from qr.chain.entry import ScanEntry, decode, kind_of
from qr.chain.envelope import Envelope, Signed, opened
from qr.chain.errors import ChainError
from qr.chain.position import OpenedPosition
from qr.chain.times import instant
from qr.errors import Bilingual, CodeError
from qr.log.note import Verifier

MOST_REFUSALS: Final = 500
"""Refused contents kept of one phone: enough to see what it tried, too few to fill a disk."""

LONGEST_REFUSAL: Final = 16 * 1024
"""Bytes kept of a refused content; its hash is of all."""

REVOKED: Final = Bilingual(
    zh="该手机已被撤销：条目已保存，等待主管复核。", en="This phone was revoked: the entry is kept for the office to review."
)
FORKED: Final = Bilingual(
    zh="该位置已有另一条目：两者均已保存，等待主管复核。",
    en="Another entry has this place in the chain: both are kept for the office to review.",
)
CUT: Final = Bilingual(
    zh="之前的条目尚未收到：已保存，补齐后自动处理。",
    en="Entries before it are missing: it is kept, and counts once they have come.",
)
_REASONS: Final = {
    Standing.FORKED: ("chain_forked", FORKED),
    Standing.CUT: ("chain_cut", CUT),
}


async def keep_inside(
    scope: Scope, phone: UUID, envelopes: Sequence[Envelope], *, received_at: datetime, known: Sequence[Verifier]
) -> Kept:
    """Verify envelopes of a phone and store them, inside the caller's transaction.

    Parameters
    ----------
    scope
        The phone's technician, or a manager or admin who hands them over.
    phone
        Whose chain they shall belong to.
    envelopes
        As sent.
    received_at
        When.
    known
        Public keys of server times, of all epochs.

    Returns
    -------
    Kept
        One outcome per envelope, and the entries that are now linked into the chain.

    Raises
    ------
    NotFound
        If the asker's firm has no such phone.
    NotAllowed
        If it is another technician's; the audit trail keeps that somebody tried.
    """
    row = await queries.phone(phone, lock=True)
    if row is None:
        raise NotFound("no phone {phone}", phone=phone)
    _require_sender(scope, row)
    good: dict[int, Signed] = {}
    bad: dict[int, ChainError] = {}
    for index, envelope in enumerate(envelopes):
        try:
            good[index] = opened(envelope, phone=phone, point=row.public_key)
        except ChainError as error:
            bad[index] = error
    taking = _Taking(scope, row, received_at, known)
    await taking.take(good)
    if bad:
        await _keep_refused(scope, row, [(envelopes[index], bad[index]) for index in sorted(bad)], received_at)
    outcomes = taking.outcomes | {index: _refused(index, error) for index, error in bad.items()}
    return Kept(
        outcomes=tuple(outcomes[index] for index in range(len(envelopes))),
        linked=tuple(taking.linked),
        head=HeadView(seq=taking.chain.head[0], sha256=taking.chain.head[1]),
        technician=row.technician,
    )


async def note_refused_whole(scope: Scope, phone: UUID, reason: str) -> None:
    """Say in the audit trail that a request was refused of which no entry was looked at; nothing for a phone of nobody here.

    Parameters
    ----------
    scope, phone
        Who sent it, and as whose.
    reason
        `too_many`, `too_large` or `malformed`.
    """
    async with database.tx(scope):
        row = await queries.phone(phone)
        if row is not None:
            await people.audit(
                row.firm, scope.account, "phone.entries_refused", str(row.id), {"reasons": {f"request_{reason}": 1}}
            )


def stored_of(row: NewEntry, technician: UUID, signed: Signed | None = None) -> StoredEntry:
    """Return a stored entry.

    Parameters
    ----------
    row
        As it is stored.
    technician
        Whose phone it is.
    signed
        As it was just sent; without it the payload is decoded anew, and its position is left to `positions`.
    """
    return StoredEntry(
        id=row.id, firm=row.firm, phone=row.phone, technician=technician, sha256=row.sha256,
        entry=signed.entry if signed else decode(row.payload), received_at=row.received_at, standing=row.standing,
        revoked=row.revoked, position=signed.position if signed else None,
    )  # fmt: skip


def _require_sender(scope: Scope, row: PhoneRow) -> None:
    """Let the phone's technician pass, and the office.

    Raises
    ------
    NotAllowed
        For another technician: a session that was stolen, or lent, does not speak for this phone.
    """
    if scope.role in (Role.MANAGER, Role.ADMIN) or (scope.role is Role.TECHNICIAN and scope.technician == row.technician):
        return

    async def write() -> None:
        async with database.tx(SYSTEM):
            detail = {"technician": str(scope.technician or "")}
            await people.audit(row.firm, scope.account, "phone.other_session", str(row.id), detail)

    database.after_tx(write)
    raise NotAllowed("this phone is another technician's")


class _Taking:
    """One upload under way."""

    def __init__(self, scope: Scope, phone: PhoneRow, received_at: datetime, known: Sequence[Verifier]) -> None:
        self.outcomes: dict[int, Outcome] = {}
        self.linked: list[StoredEntry] = []
        self.chain = Chain(phone.head_seq, phone.head_sha256)
        self._scope, self._phone, self._received_at, self._known = scope, phone, received_at, known
        self._tokens: dict[str, int | None] = {}
        self._in_chain: set[str] = set()

    async def take(self, good: dict[int, Signed]) -> None:
        """Store what is new, link what can be linked, and tell what became of each."""
        if not good:
            return
        phone = self._phone
        there = await entry_queries.of_places(phone.id, {signed.entry.seq for signed in good.values()})
        waiting = await entry_queries.behind(phone.id, phone.head_seq)
        self.chain.knows([*there, *waiting])
        by_hash: dict[str, NewEntry] = {row.sha256: row for row in [*there, *waiting]}
        self._in_chain = {row.sha256 for row in [*there, *waiting] if row.linked}
        known = set(by_hash)
        for index in sorted(good, key=lambda index: (good[index].entry.seq, index)):
            signed = good[index]
            if signed.sha256 not in by_hash:
                by_hash[signed.sha256] = self._row(signed)
        new = [row for row in by_hash.values() if row.sha256 not in known]
        await self._store(new, {by_hash[one.sha256].id: one.position for one in good.values() if one.position is not None})
        await self._link([by_hash[sha256] for sha256 in self.chain.moved], {one.sha256: one for one in good.values()})
        fresh = {row.sha256 for row in new}
        for index, signed in good.items():
            self.outcomes[index] = self._outcome(index, signed, by_hash[signed.sha256], signed.sha256 in fresh)
            fresh.discard(signed.sha256)  # the same once more in this upload is a duplicate
        await self._audit(new)

    def _row(self, signed: Signed) -> NewEntry:
        entry = signed.entry
        beacon_at_ms = self._beacon_at_ms(signed)
        return NewEntry(
            id=uuid4(), firm=self._phone.firm, phone=self._phone.id, seq=entry.seq, sha256=signed.sha256, prev=entry.prev,
            payload=signed.payload, signature=signed.signature, kind=kind_of(entry), visit=entry.visit_id,
            label=_label_of(signed), at=instant(entry.at_ms),
            beacon_at=None if beacon_at_ms is None else instant(beacon_at_ms),
            beacon_refused=entry.beacon is not None and beacon_at_ms is None, received_at=self._received_at,
            received_from=self._scope.account, standing=self.chain.place(entry.seq, entry.prev, signed.sha256),
            revoked=self._phone.revoked_at is not None,
        )  # fmt: skip

    def _beacon_at_ms(self, signed: Signed) -> int | None:
        """Return the server time of an entry; None for none, and for one that was not signed here."""
        held = signed.entry.beacon
        if held is None:
            return None
        if held.token not in self._tokens:
            try:
                self._tokens[held.token] = beacon.read(held.token, self._known)
            except ChainError:
                self._tokens[held.token] = None
        return self._tokens[held.token]

    async def _store(self, new: list[NewEntry], positions: dict[UUID, OpenedPosition]) -> None:
        if new:
            await entry_queries.insert_entries(new)
        if positions:
            rows = [_position_row(entry, position) for entry, position in positions.items()]
            await entry_queries.insert_positions(rows, self._phone.firm, clock.now())

    async def _link(self, rows: list[NewEntry], signed: dict[str, Signed]) -> None:
        """Give entries their places in the chain, those that waited for others too."""
        if not rows:
            return
        await entry_queries.insert_links(self._phone.id, self._phone.firm, [(row.seq, row.id) for row in rows], clock.now())
        await queries.set_head(self._phone.id, *self.chain.head)
        self._in_chain |= {row.sha256 for row in rows}
        self.linked = [stored_of(row, self._phone.technician, signed.get(row.sha256)) for row in rows if not row.revoked]

    def _outcome(self, index: int, signed: Signed, row: NewEntry, fresh: bool) -> Outcome:
        state, reason, text = self._state(row)
        if not fresh and state is KeptState.STORED:
            state = KeptState.DUPLICATE
        return Outcome(
            index=index, state=state, reason=reason, text=text, seq=row.seq, sha256=row.sha256,
            stored=stored_of(row, self._phone.technician, signed),
        )  # fmt: skip

    def _state(self, row: NewEntry) -> tuple[KeptState, str, Bilingual | None]:
        if row.revoked:
            return KeptState.KEPT, "phone_revoked", REVOKED
        if row.sha256 in self._in_chain:
            return KeptState.STORED, "", None
        taken = row.standing is Standing.FORKED or row.seq <= self.chain.head[0]
        return KeptState.KEPT, *_REASONS[Standing.FORKED if taken else Standing.CUT]

    async def _audit(self, new: list[NewEntry]) -> None:
        """Say what is unusual, once per upload."""
        forked = [row.seq for row in new if row.standing is Standing.FORKED]
        cut = [row.seq for row in new if row.standing is Standing.CUT and row.sha256 not in self._in_chain]
        refused = [row.seq for row in new if row.beacon_refused]
        told = {"phone.chain_forked": forked, "phone.chain_cut": cut, "phone.beacon_refused": refused}
        if self._phone.revoked_at is not None:
            told["phone.sent_after_revocation"] = [row.seq for row in new]
        for action, seqs in told.items():
            if seqs:
                detail = {"entries": len(seqs), "first": min(seqs), "last": max(seqs)}
                await people.audit(self._phone.firm, self._scope.account, action, str(self._phone.id), detail)


def _label_of(signed: Signed) -> str:
    if not isinstance(signed.entry, ScanEntry):
        return ""
    try:
        return label_code.parse(signed.entry.body.code).id
    except CodeError:
        return ""


def _position_row(entry: UUID, position: OpenedPosition) -> PositionRow:
    return PositionRow(
        entry=entry, salt=bytes.fromhex(position.salt), lat_e7=position.lat_e7, lon_e7=position.lon_e7,
        accuracy_dm=position.accuracy_dm, at_ms=position.at_ms, forgotten_at=None,
    )  # fmt: skip


def _refused(index: int, error: ChainError) -> Outcome:
    return Outcome(index=index, state=KeptState.REFUSED, reason=error.reason, text=error.text, seq=None, sha256="", stored=None)


async def _keep_refused(
    scope: Scope, row: PhoneRow, refused: Sequence[tuple[Envelope, ChainError]], received_at: datetime
) -> None:
    """Keep what was refused as evidence, and say so in the audit trail."""
    room = MOST_REFUSALS - await entry_queries.refusals(row.id)
    for envelope, error in refused[: max(0, room)]:
        content = from_base64url(envelope.payload)
        sent = envelope.payload.encode(errors="replace") if content is None else content
        await entry_queries.note_refusal(
            firm=row.firm, phone=row.id, reason=error.reason, sha256=hashlib.sha256(sent).hexdigest(),
            content=sent[:LONGEST_REFUSAL], received_from=scope.account, at=received_at,
        )  # fmt: skip
    reasons = Counter(error.reason for _, error in refused)
    detail = {"entries": len(refused), "reasons": dict(sorted(reasons.items()))}
    await people.audit(row.firm, scope.account, "phone.entries_refused", str(row.id), detail)
