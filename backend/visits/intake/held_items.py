"""Which items of the checklist the faults of held entries speak of: it has a place in the entry, people have a list."""

from __future__ import annotations

import re
from collections.abc import Iterable
from uuid import UUID

from backend.phones import service as phones
from backend.visits.intake.queries import HeldLine
from qr.chain.entry import FindingEntry, Work

_PLACE = re.compile(r"(answers|parts|photos)\[(\d+)\]")


async def items_inside(rows: Iterable[HeldLine]) -> dict[UUID, dict[str, str]]:
    """Return for each entry with faults the item's code at each of their places, such as `answers[0]`.

    Runs in the caller's transaction.
    """
    asked = {row.sha256: row for row in rows if any(_PLACE.match(fault.path) for fault in row.faults)}
    found: dict[UUID, dict[str, str]] = {}
    for stored in await phones.stored_inside(list(asked)) if asked else ():
        row, entry = asked[stored.sha256], stored.entry
        if isinstance(entry, Work | FindingEntry):
            lists = {"photos": [one.item for one in entry.body.photos]}
            if isinstance(entry, Work):
                lists |= {"answers": [one.item for one in entry.body.answers], "parts": [one.item for one in entry.body.parts]}
            found[row.id] = {
                place[0]: lists[place[1]][int(place[2])]
                for fault in row.faults
                if (place := _PLACE.match(fault.path)) and int(place[2]) < len(lists.get(place[1], ()))
            }
    return found
