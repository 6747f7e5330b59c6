"""SQL of batches, key epochs and printers."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from backend import database
from backend.labels.queries import LABEL, LabelRow
from backend.labels.views import BatchView


class EpochRow(Struct, frozen=True, kw_only=True):
    """How many labels a key made, by what became of them."""

    epoch: int
    blank: int
    active: int
    kept: int
    ended: int


class PrinterRow(Struct, frozen=True, kw_only=True):
    """How far a printer is off."""

    name: str
    x_tenths: int
    y_tenths: int


async def epoch_counts() -> list[EpochRow]:
    """Return the scope's labels counted by epoch."""
    return await database.fetch_as(
        EpochRow,
        """
        SELECT epoch, count(*) FILTER (WHERE state = 'blank') AS blank, count(*) FILTER (WHERE state = 'active') AS active,
               count(*) FILTER (WHERE state = 'active' AND kept_at IS NOT NULL) AS kept,
               count(*) FILTER (WHERE ended_at IS NOT NULL) AS ended
        FROM label GROUP BY epoch ORDER BY epoch
        """,
    )


async def open_labels_of_epoch(epoch: int) -> list[LabelRow]:
    """Return the labels of an epoch that have not ended, by site and unit, blank ones last."""
    return await database.fetch_as(
        LabelRow,
        f"""{LABEL} WHERE l.epoch = $1 AND l.ended_at IS NULL
        ORDER BY l.firm, s.name NULLS LAST, e.unit_name, l.created_at, l.batch, l.number""",
        epoch,
    )


async def keep_active_of_epoch(epoch: int, at: datetime) -> dict[UUID, int]:
    """Put the active labels of an epoch on the allow-list; return how many of each firm."""
    rows = await database.fetch(
        """
        WITH kept AS (
            UPDATE label SET kept_at = $2 WHERE epoch = $1 AND state = 'active' AND kept_at IS NULL RETURNING firm
        ) SELECT firm, count(*)::int AS labels FROM kept GROUP BY firm
        """,
        epoch,
        at,
    )
    return {row["firm"]: row["labels"] for row in rows}


async def firms_of_epoch(epoch: int) -> list[UUID]:
    """Return the firms with labels of an epoch."""
    return [row["firm"] for row in await database.fetch("SELECT DISTINCT firm FROM label WHERE epoch = $1 ORDER BY 1", epoch)]


async def set_kept(label_id: UUID, at: datetime) -> None:
    """Put a label on the allow-list."""
    await database.execute("UPDATE label SET kept_at = $2 WHERE id = $1", label_id, at)


async def batches(limit: int) -> list[BatchView]:
    """Return the latest batches of more than one label."""
    return await database.fetch_as(
        BatchView,
        """
        SELECT batch, min(created_at) AS created_at, count(*)::int AS labels,
               count(*) FILTER (WHERE state = 'blank')::int AS blank, count(*) FILTER (WHERE state = 'active')::int AS active,
               count(*) FILTER (WHERE ended_at IS NOT NULL)::int AS ended
        FROM label GROUP BY batch HAVING count(*) > 1 ORDER BY 2 DESC, batch LIMIT $1
        """,
        limit,
    )


async def end_labels_of_batch(batch: UUID, reason: str, at: datetime, *, with_active: bool) -> int:
    """End the blank labels of a batch, with `with_active` also those active since they were made; return how many."""
    rows = await database.fetch(
        """
        UPDATE label SET state = 'revoked', state_reason = $2, ended_at = $3
        WHERE batch = $1 AND (state = 'blank' OR ($4 AND state = 'active' AND claimed_at = created_at)) RETURNING id
        """,
        batch,
        reason,
        at,
        with_active,
    )
    return len(rows)


async def printers() -> list[PrinterRow]:
    """Return the scope's printers by name."""
    return await database.fetch_as(PrinterRow, "SELECT name, x_tenths, y_tenths FROM label_printer ORDER BY name")


async def save_printer(firm: UUID, name: str, x_tenths: int, y_tenths: int, at: datetime) -> None:
    """Write a printer's offsets."""
    await database.execute(
        """
        INSERT INTO label_printer (firm, name, x_tenths, y_tenths, changed_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (firm, name) DO UPDATE SET x_tenths = $3, y_tenths = $4, changed_at = $5
        """,
        firm,
        name,
        x_tenths,
        y_tenths,
        at,
    )


async def delete_printer(firm: UUID, name: str) -> None:
    """Delete a printer."""
    await database.execute("DELETE FROM label_printer WHERE firm = $1 AND name = $2", firm, name)
