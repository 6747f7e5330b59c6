"""The hand-over file: what a phone could not send comes by another way, and is taken like an upload of its own."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct, structs

from backend import database
from backend.errors import Fault, InvalidInput, LiftroundsError
from backend.people import service as people
from backend.phones.views import HeadView
from backend.scope import Scope
from backend.visits import access
from backend.visits.intake import entries as intake
from backend.visits.intake.entries import EntryResult
from backend.visits.photos import service as photos
from backend.visits.photos.store import PhotoStore
from qr.chain import handover as files
from qr.chain.envelope import Envelope
from qr.chain.errors import ChainError
from qr.keys import KeyRing
from qr.log.keys import LogKeys


class HandedOver(Struct, frozen=True, kw_only=True):
    """What became of a file."""

    phone: UUID
    head: HeadView
    results: list[EntryResult]
    photos_kept: int
    photos_refused: list[Fault]


async def take_file(
    scope: Scope, ring: KeyRing, content: bytes, *, store: PhotoStore, beacon_keys: LogKeys, handover_keys: LogKeys
) -> HandedOver:
    """Take a phone's queue with its photos from an encrypted file. For managers; sent again it changes nothing.

    The entries are verified like those of an upload: the file proves nothing, the phone's signatures do.

    Parameters
    ----------
    scope, ring
        The manager; keys of labels.
    content
        The file.
    store
        Where photos lie.
    beacon_keys, handover_keys
        Of this installation.

    Raises
    ------
    InvalidInput
        If it is no file for this installation, or damaged.
    NotFound
        If the firm has no such phone.
    """
    access.require_manager(scope)
    try:
        file, pictures = files.read(content, handover_keys)
    except ChainError as error:
        fault = Fault("file", None, error.text.en.rstrip("."))
        raise InvalidInput("the hand-over file cannot be taken", faults=[fault]) from error
    results: list[EntryResult] = []
    head = HeadView(seq=0, sha256="")
    for start in range(0, max(1, len(file.entries)), intake.MOST_ENTRIES):
        part: Sequence[Envelope] = file.entries[start : start + intake.MOST_ENTRIES]
        taken = await intake.take(scope, ring, file.phone, part, beacon_keys=beacon_keys, known=beacon_keys.public)
        results += [_at(result, start) for result in taken.results]
        head = taken.head
    refused: list[Fault] = []
    for index, picture in enumerate(pictures):
        try:
            await photos.take(scope, store, picture.id, picture.content)
        except LiftroundsError as error:
            faults = getattr(error, "faults", ())
            refused.append(Fault(f"photos[{index}]", str(picture.id), faults[0].reason if faults else str(error)))
    await _audit(scope, file.phone, len(results), len(pictures))
    return HandedOver(
        phone=file.phone, head=head, results=results, photos_kept=len(pictures) - len(refused), photos_refused=refused
    )


def _at(result: EntryResult, start: int) -> EntryResult:
    return structs.replace(result, index=result.index + start)


async def _audit(scope: Scope, phone: UUID, entries: int, pictures: int) -> None:
    async with database.tx(scope):
        await people.audit(scope.firm, scope.account, "phone.handed_over", str(phone), {"entries": entries, "photos": pictures})
