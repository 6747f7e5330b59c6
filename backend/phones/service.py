"""Technicians' phones and what they signed, as other capabilities see them.

Functions named `…_inside` run in the caller's transaction. Nothing here knows of visits: `backend.visits.intake` gives meaning
to what `keep_inside` stores.
"""

from __future__ import annotations

from backend import clock
from backend.phones.enrolment import enrol
from backend.phones.invites import make_invite, open_invites, withdraw_invites
from backend.phones.keeping import keep_inside, note_refused_whole
from backend.phones.reading import (
    entries_by_elevator_inside,
    facts_inside,
    forget_positions_inside,
    forget_positions_of_inside,
    stored_inside,
    visit_entries_inside,
)
from backend.phones.trust import note_session, phone, phones, revoke
from backend.phones.views import BeaconView
from qr.chain import beacon as tokens
from qr.chain.times import milliseconds
from qr.log.keys import LogKeys

__all__ = [
    "beacon", "enrol", "entries_by_elevator_inside", "facts_inside", "forget_positions_inside", "forget_positions_of_inside",
    "keep_inside", "make_invite", "note_refused_whole", "note_session", "open_invites", "phone", "phones", "revoke",
    "stored_inside", "visit_entries_inside", "withdraw_invites",
]  # fmt: skip


def beacon(keys: LogKeys) -> BeaconView:
    """Return a signed server time.

    Parameters
    ----------
    keys
        Of server times; the newest signs.
    """
    at_ms = milliseconds(clock.now())
    return BeaconView(token=tokens.issue(at_ms, keys), at_ms=at_ms)
