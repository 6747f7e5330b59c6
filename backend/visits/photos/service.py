"""Photos: declared by signed entries, their content sent apart, checked, kept without metadata, compared with earlier ones.

A photo that repeats an earlier one of the firm is kept like any other: that it does is a fact for the proof, not a refusal.
Nothing here looks for faces or keeps what would recognize one.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

from msgspec import Struct

from backend import clock, database
from backend.errors import Conflict, Fault, InvalidInput, NotFound
from backend.people import service as people
from backend.scope import SYSTEM, Role, Scope
from backend.visits import access
from backend.visits.photos import picture
from backend.visits.photos import queries as photo_queries
from backend.visits.photos.queries import Likeness, NewPhoto, PhotoRow
from backend.visits.photos.store import PhotoStore
from backend.visits.proof import grading
from backend.visits.proof.views import GradedWhy
from planner.intervals.rules import load_pack
from qr.chain.bodies import Photo as DeclaredPhoto

ALIKE_BITS = 8
"""Most bits of 64 in which two pictures differ that are noted as alike, where the visit's rule pack is not known yet.

Every pair within 3 bits shares one of the four bands of the search; of those further apart the ones that share a band are
found. A new compression or another size changes 0 to 2 bits. How alike is too alike is for the proof to say.
"""

FORGET_AT_ONCE = 500
"""Photos whose content one transaction deletes."""

LONGEST_PLACE = 200
"""Characters of an item's code."""

_decoders = ThreadPoolExecutor(max_workers=2, thread_name_prefix="photos")
"""Pictures are decoded beside the requests, two at a time: a large one takes 150 MB for a moment."""


class PhotoView(Struct, frozen=True, kw_only=True):
    """A photo as those see it who see its visit."""

    id: UUID
    visit: UUID | None
    item: str
    use: str
    subject: UUID | None
    sha256: str
    """Of the file that the phone declared and signed."""

    bytes: int
    width_px: int
    height_px: int
    taken_at: datetime
    """The phone's clock."""

    source: str
    state: str
    """`declared` (the content has not come yet), `kept`, or `forgotten` after its time."""

    repeats: UUID | None
    """An earlier photo that this one repeats."""


class PhotoContent(Struct, frozen=True, kw_only=True):
    """A photo's file as it is kept."""

    content: bytes
    media_type: str
    sha256: str


async def declare_inside(
    firm: UUID, technician: UUID, visit: UUID | None, photos: Sequence[DeclaredPhoto], *, path: str
) -> list[Fault]:
    """Keep what an entry declares, whether its visit is known yet or not; return the faults of those that cannot be kept.

    Parameters
    ----------
    firm, technician, visit
        Of the entry, as it says.
    photos, path
        What it declares, and where.
    """
    faults: list[Fault] = []
    for index, one in enumerate(photos):
        new = _new(firm, technician, visit, one)
        if reason := _unfit(one):
            faults.append(Fault(f"{path}[{index}]", str(one.id), reason))
        elif not await photo_queries.insert(new):
            before = await photo_queries.photo(one.id)
            if before is None or not _same(before, new):
                faults.append(Fault(f"{path}[{index}].id", str(one.id), "this id was used for another photo: make a new id"))
    return faults


async def take(scope: Scope, store: PhotoStore, photo: UUID, content: bytes) -> PhotoView:
    """Keep the content of a declared photo.

    Parameters
    ----------
    scope
        The technician whose phone declared it, or a manager who hands a phone's queue over.
    store
        Where files lie.
    photo, content
        Which one, and the file as the phone has it; sent again it changes nothing.

    Raises
    ------
    NotFound
        If no entry declared such a photo.
    InvalidInput
        If it is another file than the declared one, or no picture that we keep.
    """
    async with database.tx(scope):
        row = await _theirs(scope, photo)
    if not content:
        raise InvalidInput("the photo cannot be kept", faults=[Fault("photo", None, "send the file itself as the body")])
    sha256 = await asyncio.to_thread(lambda: hashlib.sha256(content).hexdigest())
    if not hmac.compare_digest(sha256, row.sha256):
        await _tell_refused(scope, row, "another file than declared")
        fault = Fault("sha256", sha256, "send the very file whose hash the phone has signed")
        raise InvalidInput("this is another file than the one that was declared", faults=[fault])
    if row.received_at is not None:
        return view(row)
    try:
        read = await asyncio.get_running_loop().run_in_executor(_decoders, picture.read, content)
    except picture.PictureError as error:
        await _tell_refused(scope, row, str(error))
        raise InvalidInput("the photo cannot be kept", faults=[Fault("photo", None, str(error))]) from error
    if (read.width_px, read.height_px) != (row.width_px, row.height_px):
        fault = Fault("width_px", f"{read.width_px} × {read.height_px}", "declare the size that the file has")
        raise InvalidInput("the photo cannot be kept", faults=[fault])
    stored = await asyncio.to_thread(store.put, read.content)  # before the row: a crash between leaves a file, not a gap
    async with database.tx(scope):
        return view(await _note_inside(scope, photo, read, stored))


async def content(scope: Scope, store: PhotoStore, photo: UUID) -> PhotoContent:
    """Return the file of a photo to somebody who may see its visit.

    Raises
    ------
    NotFound
        If there is no such photo for the asker, its content has not come, or was deleted after its time.
    """
    async with database.tx(scope):
        row = await _visible(scope, photo)
    if row.received_at is None:
        raise NotFound("the photo {photo} has not come in yet", photo=photo)
    found = None if row.forgotten_at else await asyncio.to_thread(store.get, row.stored_sha256)
    if found is None:
        raise NotFound("the photo {photo} is not kept any more", photo=photo)
    return PhotoContent(content=found, media_type=row.media_type, sha256=row.stored_sha256)


async def photos_inside(visit: UUID) -> list[PhotoView]:
    """Return the photos of a visit inside the caller's transaction."""
    return [view(row) for row in await photo_queries.photos_of_visit(visit)]


async def forget_old(store: PhotoStore, keep: timedelta) -> int:
    """Delete the content of photos that are older; their hashes stay, so that records can be checked. Return how many."""
    count = 0
    while True:
        async with database.tx(SYSTEM):
            rows = await photo_queries.to_forget(clock.now() - keep, FORGET_AT_ONCE)
            await photo_queries.set_forgotten([row.id for row in rows], clock.now())
            files = {row.stored_sha256 for row in rows}
            files -= await photo_queries.still_needed(sorted(files))
        for sha256 in sorted(files):
            await asyncio.to_thread(store.drop, sha256)
        count += len(rows)
        if len(rows) < FORGET_AT_ONCE:
            return count


def view(row: PhotoRow) -> PhotoView:
    """Return a photo as it is shown."""
    state = "forgotten" if row.forgotten_at else "declared" if row.received_at is None else "kept"
    return PhotoView(
        id=row.id, visit=row.visit, item=row.item, use=row.use, subject=row.subject, sha256=row.sha256, bytes=row.bytes,
        width_px=row.width_px, height_px=row.height_px, taken_at=row.taken_at, source=row.source, state=state,
        repeats=row.reuse_of,
    )  # fmt: skip


def _new(firm: UUID, technician: UUID, visit: UUID | None, one: DeclaredPhoto) -> NewPhoto:
    return NewPhoto(
        id=one.id, firm=firm, technician=technician, claimed_visit=visit, item=one.item, use=one.use,
        subject=UUID(one.subject) if one.subject else None, sha256=one.sha256, bytes=one.bytes, width_px=one.width_px,
        height_px=one.height_px, taken_at=_instant(one.taken_at_ms), source=one.source,
    )  # fmt: skip


def _instant(at_ms: int) -> datetime:
    """Return the phone's instant; the last one there is for a clock that is beyond all years."""
    try:
        return datetime.fromtimestamp(at_ms / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return datetime(9999, 12, 31, tzinfo=UTC)


def _unfit(one: DeclaredPhoto) -> str | None:
    if one.bytes > picture.MOST_BYTES:
        return "make the photo smaller: at most 12 MB"
    if max(one.width_px, one.height_px) > picture.MOST_EDGE_PX or one.width_px * one.height_px > picture.MOST_PIXELS:
        return "make the photo smaller: at most 50 million pixels"
    return "leave out the NUL character" if "\x00" in one.item else None


def _same(before: PhotoRow, new: NewPhoto) -> bool:
    kept = (before.firm, before.technician, before.claimed_visit, before.sha256, before.bytes, before.use, before.subject)
    return kept == (new.firm, new.technician, new.claimed_visit, new.sha256, new.bytes, new.use, new.subject)


async def _theirs(scope: Scope, photo: UUID) -> PhotoRow:
    """Return a photo that the asker may send: their own, or any of the firm for its managers."""
    row = await photo_queries.photo(photo)
    if row is None or (scope.role is Role.TECHNICIAN and scope.technician != row.technician):
        raise NotFound("no photo {photo} was declared by an entry of your phone", photo=photo)
    return row


async def _visible(scope: Scope, photo: UUID) -> PhotoRow:
    row = await photo_queries.photo(photo)
    if row is None:
        raise NotFound("no photo {photo}", photo=photo)
    if row.visit is not None:
        await access.visible(scope, row.visit)
    elif scope.role is Role.OWNER or (scope.role is Role.TECHNICIAN and scope.technician != row.technician):
        raise NotFound("no photo {photo}", photo=photo)
    return row


async def _note_inside(scope: Scope, photo: UUID, read: picture.Picture, stored: str) -> PhotoRow:
    """Note that the content is there, and of which earlier photo it is a copy."""
    row = await photo_queries.photo(photo, lock=True)
    if row is None:
        raise Conflict("the photo {photo} was deleted meanwhile", photo=photo)
    if row.received_at is not None:  # the same file, sent twice at the same time
        return row
    await photo_queries.lock_search(row.firm)
    bands: list[int | None] = [None] * picture.BANDS
    phash: int | None = None
    found = await photo_queries.same_file(row)
    if read.phash is not None:
        phash = picture.signed(read.phash)
        known = picture.bands(read.phash)
        bands = list(known)
        if found is None or found.visit == row.claimed_visit:
            most_bits = await _alike_bits(row)
            for turned in read.turned_phashes:
                if found is None or found.visit == row.claimed_visit:
                    like = await photo_queries.alike(row, picture.signed(turned), picture.bands(turned), most_bits)
                    found = _better(found, like, row.claimed_visit)
    await photo_queries.set_content(
        photo, stored_sha256=stored, media_type=read.media_type, phash=phash, bands=bands, reuse=found, at=clock.now()
    )
    if found is not None and found.visit != row.claimed_visit:
        detail = {"of": str(found.id), "bits": found.bits, "same_file": found.same_file}
        await people.audit(row.firm, scope.account, "photo.repeats", str(photo), detail)
    kept = await photo_queries.photo(photo)
    assert kept is not None  # noqa: S101 - locked above
    await _grade_anew(kept)
    return kept


async def _grade_anew(row: PhotoRow) -> None:
    """Grade a finished visit anew once all of its photos are here, or one that repeats another."""
    if row.visit is not None and (row.reuse_of is not None or not await photo_queries.missing(row.visit)):
        await grading.regrade_inside(row.visit, GradedWhy.LATE_ENTRIES)


async def _alike_bits(row: PhotoRow) -> int:
    """Return in how many bits pictures may differ and still be alike, as the rule pack of the visit says."""
    pack = None if row.claimed_visit is None else await photo_queries.rule_pack_of(row.claimed_visit)
    return ALIKE_BITS if pack is None else load_pack(pack, clock.now().date()).visit.proof.photos.alike_bits


def _better(one: Likeness | None, other: Likeness | None, visit: UUID | None) -> Likeness | None:
    """Return the likeness that says more: one of another visit before one of the same."""
    if one is None or (other is not None and other.visit != visit):
        return other
    return one


async def _tell_refused(scope: Scope, row: PhotoRow, why: str) -> None:
    async with database.tx(scope):
        await people.audit(row.firm, scope.account, "photo.refused", str(row.id), {"why": why})
