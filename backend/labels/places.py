"""Where in an elevator a label hangs: one active label in the car, and one at the most in each zone."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from backend.errors import Conflict
from backend.labels import queries
from backend.labels.queries import LabelledRow
from backend.labels.views import LabelZone

WITHOUT_ZONES = ("escalator_or_moving_walk",)
"""Equipment without machine room, car top and pit: its checklist (annex D) names none of them."""

NO_ZONE = "an escalator has no machine room, car top or pit: it gets one label only"

SCRAPPED = "this elevator is scrapped and gets no label"

_TAKEN = {
    LabelZone.CAR: "this elevator has a label in its car already: replace or revoke that one",
    LabelZone.MACHINE_ROOM: "this elevator has a label in its machine room already: replace or revoke that one",
    LabelZone.CAR_TOP: "this elevator has a label on its car top already: replace or revoke that one",
    LabelZone.PIT: "this elevator has a label in its pit already: replace or revoke that one",
}


def refusal_of(elevator: LabelledRow, zone: LabelZone, taken: Collection[UUID]) -> str | None:
    """Return why an elevator gets no (further) label in a zone; None if it does.

    Parameters
    ----------
    elevator, zone
        Which place.
    taken
        The elevators that have an active label there.
    """
    if elevator.state == "scrapped":
        return SCRAPPED
    if zone is not LabelZone.CAR and elevator.equipment_type in WITHOUT_ZONES:
        return NO_ZONE
    return _TAKEN[zone] if elevator.id in taken else None


async def require_free_inside(elevator: LabelledRow, zone: LabelZone) -> None:
    """Let a place pass that may get a label, inside the caller's transaction, which has locked the elevator.

    Raises
    ------
    Conflict
        If a label hangs there, or there is no such place.
    """
    taken = await queries.elevators_with_active_label([elevator.id], zone)
    if refusal := refusal_of(elevator, zone, taken):
        raise Conflict(refusal)
