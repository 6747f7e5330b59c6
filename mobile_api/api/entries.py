"""What phones hand in: the upload of a queue, what is held of it, the hand-over file, and what the office does about it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.exceptions import HTTPException, ValidationException
from msgspec import Meta, Struct

from backend import keyfile
from backend.errors import Fault
from backend.people.sessions import SignedIn
from backend.phones import service as phones
from backend.phones.views import HeadView
from backend.scope import Role
from backend.visits.intake import entries as intake
from backend.visits.intake import handover, held
from backend.visits.intake.queries import EntryRow, HeldLine
from backend.visits.photos.store import store_of
from backend.visits.views import Departed, Person
from mobile_api import i18n
from mobile_api.errors import from_framework
from mobile_api.inputs import Asker, FromPath, FromQuery, Installation, JSONBody, Ring
from mobile_api.security import OFFICE, OFFICE_READERS
from qr.chain.envelope import Envelope, read_envelope
from qr.chain.handover import LARGEST_FILE

_TAGS = ["entries"]


class EntriesBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Envelopes of a phone's queue, in the order of its chain. What is no envelope is refused alone, the others are taken."""

    entries: Annotated[list[Envelope | Any], Meta(max_length=intake.MOST_ENTRIES)]


class ReasonBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why something is done."""

    reason: str


class FaultView(Struct, frozen=True, kw_only=True):
    """What is wrong with a part of an entry, in both languages."""

    path: str
    value: str | None
    reason_zh: str
    reason_en: str


class ResultView(Struct, frozen=True, kw_only=True):
    """What became of one envelope."""

    index: int
    seq: int | None
    """None where it is refused."""

    sha256: str
    state: str
    """`applied`; `held` (stored, tried again); `kept` (stored for review only); `duplicate` (sent before, and applied);
    `refused` (not stored)."""

    visit: str
    """Empty where it belongs to none (yet)."""

    reason_zh: str
    reason_en: str
    faults: list[FaultView]
    outcome: Departed | None
    """What the departure changed, of one that was applied."""


class IntakeView(Struct, frozen=True, kw_only=True):
    """What became of an upload."""

    head: HeadView
    beacon: str
    """A signed server time."""

    results: list[ResultView]


class HeldView(Struct, frozen=True, kw_only=True):
    """An entry that has not been applied."""

    id: UUID
    phone: UUID
    phone_name: str
    technician: Person
    seq: int
    sha256: str
    kind: str
    visit: str
    registration_code: str | None
    at: datetime
    received_at: datetime
    state: str
    reason_zh: str
    reason_en: str
    faults: list[FaultView]
    by_hand: bool
    settled_reason: str


class HeldList(Struct, frozen=True, kw_only=True):
    """Entries that have not been applied, in the order of their chains."""

    rows: list[HeldView]
    is_complete: bool


class EntryView(Struct, frozen=True, kw_only=True):
    """An entry after the office has done something about it."""

    id: UUID
    state: str
    visit: str
    reason_zh: str
    reason_en: str
    faults: list[FaultView]


class HandoverView(Struct, frozen=True, kw_only=True):
    """What became of a hand-over file."""

    phone: UUID
    head: HeadView
    results: list[ResultView]
    photos_kept: int
    photos_refused: list[FaultView]


def refused_whole(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """Answer a request whose entries are not looked at, and have the audit trail tell of it: it would be seen nowhere else."""
    answer = from_framework(request, error)
    reason = {413: "too_large", 400: "malformed"}.get(error.status_code)
    phone = request.path_params.get("id")
    if reason is not None and isinstance(phone, UUID) and isinstance(request.user, SignedIn):
        too_many = any("length" in str(one) for one in error.extra or ()) if isinstance(error, ValidationException) else False
        scope = request.user.scope
        answer.background = BackgroundTask(phones.note_refused_whole, scope, phone, "too_many" if too_many else reason)
    return answer


@post(
    "/api/v1/phones/{id:uuid}/entries", roles=(Role.TECHNICIAN,), status_code=200, tags=_TAGS,
    exception_handlers={HTTPException: refused_whole},
)  # fmt: skip
async def take(
    request: Request[Any, Any, Any], asker: Asker, ring: Ring, settings: Installation, id: FromPath[UUID],
    data: JSONBody[EntriesBody],
) -> IntakeView:  # fmt: skip
    """Take a phone's queue: stored first, then applied in the order in which it was signed. Sent again it changes nothing."""
    keys = keyfile.beacon_keys(settings)
    await phones.note_session(asker, request.user.session, id)
    envelopes = [read_envelope(one) for one in data.entries]
    taken = await intake.take(asker, ring, id, envelopes, beacon_keys=keys, known=keys.public)
    return IntakeView(head=taken.head, beacon=taken.beacon, results=[result_view(one) for one in taken.results])


@get("/api/v1/phones/{id:uuid}/entries/held", roles=(Role.TECHNICIAN, *OFFICE_READERS), tags=_TAGS)
async def held_of_phone(asker: Asker, id: FromPath[UUID], settled: FromQuery[bool] = False) -> HeldList:
    """List what a phone has handed in and was not applied, and why; `settled` lists what the office left out."""
    return _list(await held.held(asker, id, settled=settled))


@get("/api/v1/entries/held", roles=OFFICE_READERS, tags=_TAGS)
async def held_of_all(asker: Asker, settled: FromQuery[bool] = False) -> HeldList:
    """List what all phones have handed in and was not applied; `settled` lists what the office left out."""
    return _list(await held.held(asker, settled=settled))


@post("/api/v1/entries/{id:uuid}/retry", roles=OFFICE, status_code=200, tags=_TAGS)
async def try_again(asker: Asker, ring: Ring, id: FromPath[UUID]) -> EntryView:
    """Try a held entry again, once what held it was put right."""
    return _entry(await held.try_again(asker, ring, id))


@post("/api/v1/entries/{id:uuid}/take-by-hand", roles=OFFICE, status_code=200, tags=_TAGS)
async def take_by_hand(asker: Asker, ring: Ring, id: FromPath[UUID], data: JSONBody[ReasonBody]) -> EntryView:
    """Apply the kept entries of a visit although their phone or chain is not trusted; the evidence says so."""
    return _entry(await held.take_by_hand(asker, ring, id, data.reason))


@post("/api/v1/entries/{id:uuid}/settle", roles=OFFICE, status_code=200, tags=_TAGS)
async def settle(asker: Asker, ring: Ring, id: FromPath[UUID], data: JSONBody[ReasonBody]) -> EntryView:
    """Leave out what could not be applied of an entry; it stays stored, and this can be taken back."""
    return _entry(await held.settle(asker, ring, id, data.reason))


@post("/api/v1/entries/{id:uuid}/take-back", roles=OFFICE, status_code=200, tags=_TAGS)
async def take_back(asker: Asker, id: FromPath[UUID]) -> EntryView:
    """Take a settlement back."""
    return _entry(await held.take_back(asker, id))


@post("/api/v1/phones/handover", roles=OFFICE, status_code=200, tags=_TAGS, request_max_body_size=LARGEST_FILE + 1024)
async def hand_over(asker: Asker, ring: Ring, settings: Installation, request: Request[Any, Any, Any]) -> HandoverView:
    """Take a phone's queue and photos from its encrypted file (JWE, the raw body), for a phone that cannot send them itself."""
    keys = keyfile.beacon_keys(settings)
    done = await handover.take_file(
        asker,
        ring,
        await request.body(),
        store=store_of(settings),
        beacon_keys=keys,
        handover_keys=keyfile.handover_keys(settings),
    )
    return HandoverView(
        phone=done.phone, head=done.head, results=[result_view(one) for one in done.results], photos_kept=done.photos_kept,
        photos_refused=[_fault(one) for one in done.photos_refused],
    )  # fmt: skip


def result_view(one: intake.EntryResult) -> ResultView:
    """Return a result with its sentences in both languages."""
    zh, en = both_languages(one.reason)
    return ResultView(
        index=one.index, seq=one.seq, sha256=one.sha256, state=one.state, visit=str(one.visit or ""), reason_zh=zh,
        reason_en=en, faults=[_fault(fault) for fault in one.faults], outcome=one.outcome,
    )  # fmt: skip


def both_languages(reason: dict[str, Any] | None) -> tuple[str, str]:
    """Return a kept reason in Chinese and English: it has both, or a template that the catalogues know."""
    if reason is None:
        return "", ""
    if "zh" in reason:
        return str(reason["zh"]), str(reason["en"])
    template, params = str(reason["template"]), reason.get("params", {})
    return i18n.translated_to("zh", template, params), i18n.translated_to("en", template, params)


def _fault(fault: Fault) -> FaultView:
    zh, en = (i18n.translated_to(language, fault.template or fault.reason, fault.params) for language in ("zh", "en"))
    return FaultView(path=fault.path, value=fault.value, reason_zh=zh, reason_en=en)


def _entry(row: EntryRow) -> EntryView:
    zh, en = both_languages(row.reason)
    return EntryView(
        id=row.id,
        state=row.state,
        visit=str(row.visit or ""),
        reason_zh=zh,
        reason_en=en,
        faults=[_fault(one) for one in row.faults],
    )


def _list(found: held.HeldEntries) -> HeldList:
    return HeldList(rows=[_line(row) for row in found.rows], is_complete=found.is_complete)


def _line(row: HeldLine) -> HeldView:
    zh, en = both_languages(row.reason)
    return HeldView(
        id=row.id, phone=row.phone, phone_name=row.phone_name, technician=row.technician, seq=row.seq, sha256=row.sha256,
        kind=row.kind, visit=str(row.visit or ""), registration_code=row.registration_code, at=row.at,
        received_at=row.received_at, state="held" if row.state == "waiting" else row.state, reason_zh=zh, reason_en=en,
        faults=[_fault(one) for one in row.faults], by_hand=row.by_hand, settled_reason=row.settled_reason,
    )  # fmt: skip


HANDLERS: list[Any] = [
    take, held_of_phone, held_of_all, try_again, take_by_hand, settle, take_back, hand_over,
]  # fmt: skip
