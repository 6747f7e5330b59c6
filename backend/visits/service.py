"""Visits: from the arrival scan over the checklist to the departure scan, the record that is kept, and the owner's word.

Every call may be repeated: ids are made by the sender, the same id with the same content answers the same again, with other
content it is a Conflict. A visit without a departure stays open and never counts. What others call stands here; each idea has
its own file.
"""

from __future__ import annotations

from backend.visits.answering import answer
from backend.visits.arrival import arrive, set_second_technician
from backend.visits.bundles import bundle, public_bundle_inside
from backend.visits.correction import correct
from backend.visits.day.service import technician_day
from backend.visits.departure import abandon, depart
from backend.visits.findings import add_finding, close_finding, findings, open_stop_use_inside, return_to_use
from backend.visits.owners import (
    decide,
    decide_by_phone_inside,
    newest_inside,
    own_finished_inside,
    owner_visit,
    owner_visits,
)
from backend.visits.proof.copies import seen_twice
from backend.visits.proof.grading import proof, proof_inside, regrade_inside
from backend.visits.public import public_facts_inside
from backend.visits.reading import record, records, visit, visits
from backend.visits.reviews import accept, dispute, reopen
from backend.visits.reviews import queue as reviews
from backend.visits.reviews import waiting as waiting_reviews

__all__ = [
    "abandon",
    "accept",
    "add_finding",
    "answer",
    "arrive",
    "bundle",
    "close_finding",
    "correct",
    "decide",
    "decide_by_phone_inside",
    "depart",
    "dispute",
    "findings",
    "newest_inside",
    "open_stop_use_inside",
    "own_finished_inside",
    "owner_visit",
    "owner_visits",
    "proof",
    "proof_inside",
    "public_bundle_inside",
    "public_facts_inside",
    "record",
    "records",
    "regrade_inside",
    "reopen",
    "return_to_use",
    "reviews",
    "seen_twice",
    "set_second_technician",
    "technician_day",
    "visit",
    "visits",
    "waiting_reviews",
]
