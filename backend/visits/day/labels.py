"""The labels that a phone knows without a signal, so that it can say at once: this is another elevator, and which one.

It gets the first halves of the codes only. The second half is a keyed hash; a phone that had the key, or all the codes, could
print labels and scan elevators that it has never seen. Whether a code is genuine is therefore found out at the upload.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

import msgspec

from backend import clock, database
from backend.scope import Scope
from backend.visits import access, queries
from backend.visits.day import label_queries
from backend.visits.day.views import PhoneLabels

DAYS_AHEAD = 7
"""Published rounds of so many days count: a phone that is offline for longer asks anew when it comes back."""

DAYS_BACK = 30
"""Where the technician worked in this time is where they may be called to."""

MARGIN_DEG = 0.05
"""Around the places of the rounds: some five kilometres, a crew's part of a town."""

MOST_LABELS = 3_000
"""About 400 kB of JSON, 60 kB on the way. A crew looks after some 300 elevators with two labels each."""


async def phone_labels(scope: Scope) -> PhoneLabels:
    """Return the labels around the signed-in technician's rounds.

    Raises
    ------
    NotAllowed
        For anybody but a technician.
    """
    technician = access.acting_technician(scope)
    async with database.tx(scope):
        today = clock.today(await queries.time_zone_of(scope.require_firm()))
        rows = await label_queries.labels_around(
            technician, first_day=today - timedelta(days=1), last_day=today + timedelta(days=DAYS_AHEAD),
            visited_since=clock.now() - timedelta(days=DAYS_BACK), margin_deg=MARGIN_DEG, limit=MOST_LABELS + 1,
        )  # fmt: skip
    shown = rows[:MOST_LABELS]
    digest = hashlib.sha256(msgspec.json.encode(shown)).hexdigest()[:32]
    return PhoneLabels(rows=shown, is_complete=len(rows) <= MOST_LABELS, etag=f'"{digest}"')
