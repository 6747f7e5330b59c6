"""Managers are told, once for each phone and visit, that something waits for them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from backend.messages.telling import tell_managers_inside
from backend.messages.views import Kind
from backend.visits.intake import queries as entry_queries


async def tell_inside(phone: UUID, sha256: Sequence[str]) -> None:
    """Tell the firm's managers of entries that stay unapplied, inside the caller's transaction.

    What is held for a moment only, because the rest of its upload was still to come, is told to nobody.

    Parameters
    ----------
    phone, sha256
        Whose entries, and which: those of one visit make one message, however often they are sent.
    """
    rows = (await entry_queries.entries(phone, sha256)).values() if sha256 else []
    for row in {row.visit or row.id: row for row in rows}.values():
        await tell_managers_inside(
            row.firm, Kind.HELD, "有手机上传的记录无法录入", "What a phone sent could not be entered", link="/office/entries",
            subject=str(row.id), once=f"held:{phone}:{row.visit or row.id}",
        )  # fmt: skip
