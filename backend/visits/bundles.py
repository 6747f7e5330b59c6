"""Bundles: a record with the proof that it stands in the log, for those who may read it, and a public one for everybody."""

from __future__ import annotations

from uuid import UUID

from backend import database
from backend.errors import NotFound
from backend.recordlog import service as recordlog
from backend.scope import Scope
from backend.visits import access, finding_queries
from qr.log.bundle import Bundle
from qr.log.note import Verifier


async def bundle(scope: Scope, known: list[Verifier], visit: UUID, version: int | None = None) -> Bundle:
    """Return a version of a record with its body and its proof.

    Parameters
    ----------
    scope
        Who asks: somebody who may read the record.
    known
        The log's public keys.
    visit, version
        Which one; the newest that is logged where no version is named.

    Raises
    ------
    NotFound
        If the asker sees no such visit, or the version is not in the log (yet).
    """
    async with database.tx(scope):
        await access.visible(scope, visit)
        return await recordlog.bundle_inside(visit, version, known, with_record=True)


async def public_bundle_inside(elevator: UUID, known: list[Verifier]) -> Bundle:
    """Return the proof of an elevator's last visit without the record: elevator, day and class only.

    Raises
    ------
    NotFound
        If there is no visit that counts, or it is not in the log yet.
    """
    last = await finding_queries.last_visit(elevator)
    if last is None:
        raise NotFound("no visit of this elevator is recorded here")
    return await recordlog.bundle_inside(last.id, None, known, with_record=False)
