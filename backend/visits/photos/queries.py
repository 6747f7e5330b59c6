"""SQL of photos: their declarations, their content's coming and going, and the search for ones that repeat another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct, structs

from backend import database
from backend.visits.photos.picture import BAND_BITS, BANDS
from backend.visits.record import RecordPhoto

_COLUMNS = (
    "id, firm, technician, visit, claimed_visit, item, use, subject, sha256, bytes, width_px, height_px, taken_at, source,"
    " received_at, stored_sha256, media_type, forgotten_at, phash, reuse_of, reuse_bits, reuse_same_file"
)


class PhotoRow(Struct, frozen=True, kw_only=True):
    """A photo as it is kept."""

    id: UUID
    firm: UUID
    technician: UUID
    visit: UUID | None
    claimed_visit: UUID | None
    item: str
    use: str
    subject: UUID | None
    sha256: str
    bytes: int
    width_px: int
    height_px: int
    taken_at: datetime
    source: str
    received_at: datetime | None
    stored_sha256: str
    media_type: str
    forgotten_at: datetime | None
    phash: int | None
    reuse_of: UUID | None
    reuse_bits: int | None
    reuse_same_file: bool


class NewPhoto(Struct, frozen=True, kw_only=True):
    """A photo as an entry declares it."""

    id: UUID
    firm: UUID
    technician: UUID
    claimed_visit: UUID | None
    item: str
    use: str
    subject: UUID | None
    sha256: str
    bytes: int
    width_px: int
    height_px: int
    taken_at: datetime
    source: str


class Likeness(Struct, frozen=True, kw_only=True):
    """An earlier photo that another one repeats."""

    id: UUID
    visit: UUID | None
    bits: int
    same_file: bool


_DECLARED = structs.fields(NewPhoto)
_DECLARED_NAMES = ", ".join(field.name for field in _DECLARED)
_DECLARED_PLACES = ", ".join(f"${number}" for number in range(1, len(_DECLARED) + 1))


async def insert(new: NewPhoto) -> bool:
    """Write a declaration; False where its id is taken, by whomever."""
    return bool(
        await database.execute(
            f"INSERT INTO photo ({_DECLARED_NAMES}) VALUES ({_DECLARED_PLACES}) ON CONFLICT (id) DO NOTHING",
            *structs.astuple(new),
        )
    )


async def photo(photo: UUID, *, lock: bool = False) -> PhotoRow | None:
    """Return a photo, on demand locked until the end of the transaction."""
    sql = f"SELECT {_COLUMNS} FROM photo WHERE id = $1" + (" FOR UPDATE" if lock else "")
    return await database.fetch_one_as(PhotoRow, sql, photo)


async def photos_of_visit(visit: UUID) -> list[PhotoRow]:
    """Return the photos of a visit in the order in which they were taken."""
    return await database.fetch_as(PhotoRow, f"SELECT {_COLUMNS} FROM photo WHERE visit = $1 ORDER BY taken_at, id", visit)


async def missing(visit: UUID) -> int:
    """Return how many photos of a visit have not come yet."""
    found: int = await database.fetch_value("SELECT count(*) FROM photo WHERE visit = $1 AND received_at IS NULL", visit)
    return found


async def rule_pack_of(visit: UUID) -> str | None:
    """Return the rule pack of a visit, None where there is no such visit."""
    found: str | None = await database.fetch_value("SELECT rule_pack FROM visit WHERE id = $1", visit)
    return found


async def record_photos(visit: UUID) -> list[RecordPhoto]:
    """Return the photos of a visit as its record names them."""
    return await database.fetch_as(
        RecordPhoto,
        "SELECT id, item, use, subject, sha256, taken_at, source FROM photo WHERE visit = $1 ORDER BY taken_at, id",
        visit,
    )


async def set_visit(photos: Sequence[UUID], visit: UUID, technician: UUID) -> None:
    """Note that photos which a technician declared for a visit belong to it."""
    await database.execute(
        "UPDATE photo SET visit = $2 WHERE id = ANY($1::uuid[]) AND claimed_visit = $2 AND technician = $3 AND visit IS NULL",
        list(photos), visit, technician,
    )  # fmt: skip


async def set_content(
    photo: UUID, *, stored_sha256: str, media_type: str, phash: int | None, bands: Sequence[int | None],
    reuse: Likeness | None, at: datetime,
) -> None:  # fmt: skip
    """Note that the content of a photo has come."""
    await database.execute(
        "UPDATE photo SET received_at = $2, stored_sha256 = $3, media_type = $4, phash = $5, band_0 = $6, band_1 = $7,"
        " band_2 = $8, band_3 = $9, reuse_of = $10, reuse_bits = $11, reuse_same_file = $12 WHERE id = $1",
        photo, at, stored_sha256, media_type, phash, *bands,
        reuse.id if reuse else None, reuse.bits if reuse else None, reuse is not None and reuse.same_file,
    )  # fmt: skip


SAME_FILE = (
    "SELECT id, claimed_visit AS visit, 0 AS bits, true AS same_file FROM photo"
    " WHERE firm = $1 AND sha256 = $2 AND received_at IS NOT NULL AND id <> $3"
    " ORDER BY claimed_visit IS NOT DISTINCT FROM $4, received_at LIMIT 1"
)
"""Another photo with the same file; one of another visit is preferred."""

_NEAR = ", ".join(["{0}", *(f"{{0}} # {1 << bit}" for bit in range(BAND_BITS))])
"""A band and all that differ from it in one bit."""

ALIKE = (
    "SELECT id, visit, bits, false AS same_file FROM ("
    + " UNION ALL ".join(
        f"SELECT id, claimed_visit AS visit, received_at, bit_count((phash # $2)::bit(64))::int AS bits FROM photo"
        f" WHERE firm = $1 AND band_{n} = ANY(ARRAY[{_NEAR.format(f'${5 + n}::int')}]) AND id <> $3"
        for n in range(BANDS)
    )
    + ") AS found WHERE bits <= $9 ORDER BY visit IS NOT DISTINCT FROM $4, bits, received_at, id LIMIT 1"
)
"""The most alike of all photos that have a band of the hash in common but for one bit; one of another visit is preferred.

Of two hashes that differ in up to seven bits, one of the four bands differs in at most one: none of them is missed.
"""


async def lock_search(firm: UUID) -> None:
    """Let the photos of a firm be compared one by one until the end of the transaction: of two alike, one comes later."""
    await database.execute("SELECT pg_advisory_xact_lock(hashtextextended('photo:' || $1::text, 0))", str(firm))


async def same_file(row: PhotoRow) -> Likeness | None:
    """Return another photo of the firm with the same file, if there is one."""
    return await database.fetch_one_as(Likeness, SAME_FILE, row.firm, row.sha256, row.id, row.claimed_visit)


async def alike(row: PhotoRow, phash: int, bands: Sequence[int], most_bits: int) -> Likeness | None:
    """Return the most alike photo of the firm, if one is alike."""
    return await database.fetch_one_as(Likeness, ALIKE, row.firm, phash, row.id, row.claimed_visit, *bands, most_bits)


async def to_forget(before: datetime, limit: int) -> list[PhotoRow]:
    """Return photos whose content came before an instant and is still kept, oldest first."""
    return await database.fetch_as(
        PhotoRow,
        f"SELECT {_COLUMNS} FROM photo WHERE received_at < $1 AND forgotten_at IS NULL AND received_at IS NOT NULL"
        " ORDER BY received_at LIMIT $2 FOR UPDATE SKIP LOCKED",
        before,
        limit,
    )


async def set_forgotten(photos: Sequence[UUID], at: datetime) -> None:
    """Note that the content of photos was deleted; what they looked like is forgotten with it."""
    await database.execute(
        "UPDATE photo SET forgotten_at = $2, phash = NULL, band_0 = NULL, band_1 = NULL, band_2 = NULL, band_3 = NULL"
        " WHERE id = ANY($1::uuid[])",
        list(photos),
        at,
    )


async def still_needed(stored_sha256: Sequence[str]) -> set[str]:
    """Return which files a photo still shows."""
    rows = await database.fetch(
        "SELECT DISTINCT stored_sha256 FROM photo WHERE stored_sha256 = ANY($1::text[]) AND forgotten_at IS NULL"
        " AND received_at IS NOT NULL",
        list(stored_sha256),
    )
    return {row["stored_sha256"] for row in rows}
