"""CPU time to verify what a phone signed of one visit: `python tests/bench/phones/bench_chain.py [BATCHES]`.

Two scans, three zone scans, sixty answers and eight photos in BATCHES entries of work (default 6), one finding. Verified is
all that an upload needs before it is stored: signatures, canonical form, position commitments, server times, chain rules, and
the bounds of all times.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid5

import click

from qr.chain import beacon
from qr.chain.bodies import (
    Answer,
    ArrivalBody,
    DepartureBody,
    FindingBody,
    Found,
    Photo,
    PositionMark,
    ScanBody,
    WorkBody,
)
from qr.chain.entry import Clock, HeldBeacon
from qr.chain.envelope import Envelope, Signed, opened, root_of
from qr.chain.position import OpenedPosition
from qr.chain.rules import check_chain, link_of
from qr.chain.times import instant, reading_of, time_bounds
from qr.chain.writer import ChainWriter, PhoneKey
from tests.support.scan_vectors import BEACON_KEYS, CODE, PHONE, SECRET

ROUNDS = 300
ANSWERS, PHOTOS = 60, 8
AT_MS = 1_795_662_000_000
VISIT, SESSION = UUID(int=1), UUID(int=2)
NAMES = UUID(int=3)
KEY = PhoneKey(SECRET)


def visit(batches: int) -> list[Envelope]:
    """The envelopes of a visit."""
    writer = ChainWriter(PHONE, KEY)
    held = HeldBeacon(token=beacon.issue(AT_MS - 600_000, BEACON_KEYS), session=SESSION, mono_ms=0)
    sent: list[Envelope] = []

    def add(kind: str, body: Any, position: OpenedPosition | None = None) -> None:
        minute = len(sent) * 2
        clock = Clock(session=SESSION, mono_ms=600_000 + minute * 60_000)
        at_ms = AT_MS + minute * 60_000
        sent.append(writer.append(kind, body, at_ms=at_ms, clock=clock, visit=VISIT, beacon=held, position=position))

    def scan(zone: str = "") -> tuple[dict[str, Any], OpenedPosition]:
        place = OpenedPosition(
            salt="ab" * 32, lat_e7=286_764_000 + len(sent), lon_e7=1_214_208_000, accuracy_dm=80, at_ms=AT_MS
        )
        mark = PositionMark(state="given", commitment=place.commitment)
        return {"scan": uuid5(NAMES, str(len(sent))), "code": CODE, "source": "camera", "zone": zone, "position": mark}, place

    fields, place = scan()
    add("arrival", ArrivalBody(**fields, work_order=None, second_technician=None, maintenance_class="year"), place)
    for zone in ("machine_room", "car_top", "pit"):
        fields, place = scan(zone)
        add("zone", ScanBody(**fields), place)
    for batch in range(batches):
        add("work", work(batch, batches))
    found = Found(
        id=uuid5(NAMES, "f"), item="A-1-29", severity="general", stop_use_condition="", description="门锁啮合 5 mm",
        place="六楼", proposal="更换门锁",
    )  # fmt: skip
    add("finding", FindingBody(finding=found, photos=[]))
    fields, place = scan()
    add("departure", DepartureBody(**fields, owner_code_sha256="cd" * 32), place)
    return sent


def work(batch: int, batches: int) -> WorkBody:
    """One batch of answers and photos."""
    answers = [
        Answer(item=f"A-1-{n}", result="ok", measured="7.5", unit="mm", note="已检查，符合要求", special_checks=[])
        for n in range(batch, ANSWERS, batches)
    ]
    photos = [
        Photo(
            id=uuid5(NAMES, f"p{n}"), sha256="ef" * 32, bytes=200_000, width_px=1600, height_px=1200, item=f"A-1-{n}",
            use="item", subject="", taken_at_ms=AT_MS, source="camera",
        )
        for n in range(batch, PHOTOS, batches)
    ]  # fmt: skip
    return WorkBody(answers=answers, parts=[], photos=photos)


def signatures(sent: list[Envelope]) -> list[Signed]:
    """Open all envelopes."""
    return [opened(one, phone=PHONE, point=KEY.point) for one in sent]


def whole(sent: list[Envelope]) -> None:
    """Everything before the store."""
    signed = signatures(sent)
    tokens: dict[str, int] = {}
    for one in signed:
        held = one.entry.beacon
        if held is not None and held.token not in tokens:
            tokens[held.token] = beacon.read(held.token, BEACON_KEYS.public)
    report = check_chain([link_of(one.entry, one.sha256) for one in signed], before=(0, root_of(KEY.point)))
    received_at = instant(AT_MS + 7_200_000)
    at = [tokens[one.entry.beacon.token] if one.entry.beacon else None for one in signed]
    bounds = time_bounds(
        [reading_of(one.entry, beacon_at_ms=ms, received_at=received_at) for one, ms in zip(signed, at, strict=True)]
    )
    if not report.is_whole or len(bounds) != len(sent):
        raise SystemExit("the visit does not verify")


def timed(name: str, work: Callable[[], object]) -> None:
    """Print the CPU time of many runs."""
    work()
    took = []
    for _ in range(ROUNDS):
        started = time.process_time()
        work()
        took.append((time.process_time() - started) * 1000)
    click.echo(f"{name}: median {statistics.median(took):.2f} ms, 99 % under {sorted(took)[ROUNDS * 99 // 100]:.2f} ms of CPU")


def main(batches: int) -> None:
    """Make a visit and time its verification."""
    sent = visit(batches)
    size = sum(len(one.payload) for one in sent)
    click.echo(f"{len(sent)} entries, {ANSWERS} answers, {PHOTOS} photos, {size / 1024:.0f} KiB of payloads")
    timed("signatures, content and positions", lambda: signatures(sent))
    timed("all of it", lambda: whole(sent))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 6)
