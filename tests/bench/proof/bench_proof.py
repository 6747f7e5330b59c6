"""How much CPU the proof of a full visit takes: `python tests/bench/proof/bench_proof.py [ROUNDS]`.

A visit with two scans, 60 answers and 8 photos, signed by a phone: its three entries are opened (signature, content, position),
held against the rules of the chain, bounded in time, and all questions are asked and graded. No database, no telemetry; the
elevator's word has a benchmark of its own.
"""

from __future__ import annotations

import statistics
import sys
import time
from datetime import timedelta

import click
import msgspec

from qr.chain import ChainReport, TimeBounds, check_chain, link_of, opened, reading_of, time_bounds
from qr.chain.entry import Work
from qr.chain.envelope import Envelope, Signed, root_of
from qr.chain.times import instant, milliseconds
from qr.checks import Limits
from qr.evidence import EnteredBy, Evidence, KeyState, LabelState, Photo, Position, Scan, SignatureState
from qr.grade import Graded, grade_of
from qr.proof import check_visit
from tests.support.phone import SoftPhone, in_order
from tests.support.proof import ARRIVED, GOOD, LIMITS, SITE, photo

ITEMS = 60
PHOTOS = 8
CODE = "HTTPS://EXAMPLE.ORG/E/0123ABCD-EFGHJK"


def filled() -> tuple[SoftPhone, list[Envelope]]:
    """A phone with the entries of a visit."""
    phone = SoftPhone(at=ARRIVED)
    phone.place = (SITE.latitude_deg + 1e-4, SITE.longitude_deg)
    visit = phone.arrive(CODE)
    phone.wait(minutes=40)
    photos = [phone.photograph(seed, item="A-1-01") for seed in range(PHOTOS)]
    phone.work(visit, answers=in_order([f"A-1-{number:02d}" for number in range(ITEMS)]), photos=photos)
    phone.depart(visit, CODE)
    return phone, [msgspec.convert(one, Envelope) for one in phone.queue]


def graded(phone: SoftPhone, envelopes: list[Envelope], limits: Limits) -> Graded:
    """Verify, check and grade, from the bytes as they came."""
    signed = [opened(envelope, phone=phone.id, point=phone.point) for envelope in envelopes]
    report = check_chain([link_of(one.entry, one.sha256) for one in signed], before=(0, root_of(phone.point)))
    beacon_ms = milliseconds(ARRIVED - timedelta(minutes=1))
    readings = [reading_of(one.entry, beacon_at_ms=None, received_at=ARRIVED + timedelta(hours=1)) for one in signed]
    bounds = time_bounds(readings, earliest_before_ms=beacon_ms)
    return grade_of(check_visit(evidence_of(signed, report, bounds), limits))


def evidence_of(signed: list[Signed], report: ChainReport, bounds: list[TimeBounds]) -> Evidence:
    """What the server makes of the entries of one phone."""
    arrival, work, departure = signed
    assert isinstance(work.entry, Work)
    photos = tuple(
        Photo(id=str(one.id), taken_at=instant(one.taken_at_ms), in_app=one.source == "camera", arrived=True)
        for one in work.entry.body.photos
    )
    return msgspec.structs.replace(
        GOOD,
        arrival=scan_of(arrival, bounds[0]),
        departure=scan_of(departure, bounds[2]),
        chain=report,
        photos=photos,
        zones=(),
    )


def scan_of(signed: Signed, bounds: TimeBounds) -> Scan:
    """The scan of an entry."""
    position = signed.position
    assert position is not None
    return Scan(
        at=bounds.at, label=LabelState.ACTIVE, entered_by=EnteredBy.CAMERA, bounds=bounds, fixed_at=instant(position.at_ms),
        position=Position(position.latitude_deg, position.longitude_deg, position.accuracy_m),
        signature=SignatureState.VALID, key=KeyState.ENROLLED,
    )  # fmt: skip


def main(rounds: int) -> None:
    """Time it, in CPU milliseconds of this process."""
    phone, envelopes = filled()
    told = graded(phone, envelopes, LIMITS)
    took = []
    for _ in range(rounds):
        started = time.process_time()
        graded(phone, envelopes, LIMITS)
        took.append((time.process_time() - started) * 1000)
    click.echo(f"{ITEMS} answers, {PHOTOS} photos, {sum(len(one.payload) for one in envelopes)} characters, grade {told.grade}")
    click.echo(f"entries, chain, times, questions, grade: {_told(took)}")
    evidence = msgspec.structs.replace(GOOD, photos=tuple(photo(300 + number) for number in range(PHOTOS)))
    took = []
    for _ in range(rounds):
        started = time.process_time()
        grade_of(check_visit(evidence, LIMITS))
        took.append((time.process_time() - started) * 1000)
    click.echo(f"of it the questions and the grade: {_told(took)}")


def _told(took: list[float]) -> str:
    return f"median {statistics.median(took):.2f} ms of CPU, 99 % under {sorted(took)[len(took) * 99 // 100]:.2f} ms"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
