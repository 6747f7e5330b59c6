"""Managers are told, once for each phone and visit, that something waits for them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from backend.messages import service as messages
from backend.messages.views import Kind, Message, ToAccount
from backend.visits import entry_queries

PAGE = "/office/entries"


async def tell_inside(phone: UUID, sha256: Sequence[str]) -> None:
    """Tell the firm's managers of entries that were not applied, inside the caller's transaction.

    Parameters
    ----------
    phone, sha256
        Whose entries, and which: those of one visit make one message, however often they are sent.
    """
    if not sha256:
        return
    rows = list((await entry_queries.entries(phone, sha256)).values())
    managers = await entry_queries.managers_of(rows[0].firm) if rows else []
    for row in {row.visit or row.id: row for row in rows}.values():
        for account in managers:
            message = Message(
                to=ToAccount(account=account), kind=Kind.HELD, title_zh="手机上传的内容待处理",
                title_en="What a phone has sent waits for you",
                text_zh="有条目未能归入维保：原因和处理办法见“待处理条目”。",
                text_en="Entries could not become part of a visit: see Held entries for the reason and the way out.",
                subject=str(row.id), link=PAGE, dedupe_key=f"held:{phone}:{row.visit or row.id}:{account}",
            )  # fmt: skip
            await messages.send_inside(row.firm, message)
