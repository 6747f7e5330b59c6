"""Test vectors of the phones' chains: what every implementation of docs/scan-events.md must make, take and refuse.

`python -m tests.support.scan_vectors` writes tests/vectors/scan-events.json anew; a test compares it with the code of today.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from qr.base64url import from_base64url, to_base64url
from qr.canonical import canonical
from qr.chain import beacon as beacons
from qr.chain import envelope as envelopes
from qr.chain.bodies import (
    Answer,
    ArrivalBody,
    DepartureBody,
    FindingBody,
    Found,
    Part,
    Photo,
    PositionMark,
    ScanBody,
    WorkBody,
)
from qr.chain.entry import Clock, HeldBeacon, decode
from qr.chain.envelope import Envelope
from qr.chain.position import OpenedPosition
from qr.chain.rules import Link, check_chain, link_of
from qr.chain.times import Reading, TimeBounds, reading_of, time_bounds
from qr.chain.writer import ChainWriter, PhoneKey
from qr.log.keys import LogKey, LogKeys

PATH = Path(__file__).parents[1] / "vectors" / "scan-events.json"

SECRET = int.from_bytes(hashlib.sha256(b"liftrounds test vector: phone").digest())
OTHER_SECRET = int.from_bytes(hashlib.sha256(b"liftrounds test vector: another phone").digest())
PHONE = UUID("5b1c1f6e-9d0a-4b57-8a3e-0c6f2d7e4a11")
VISIT = UUID("0d9f2c34-7a61-4f0e-b8c5-1e2d3c4b5a69")
SESSION, NEXT_SESSION = UUID(int=0x5E55_0001), UUID(int=0x5E55_0002)
AT_MS = 1_795_662_000_000  # 2026-11-26 03:00 UTC
CODE = "HTTPS://ROUNDS.EXAMPLE/E/8KQ3T4ZV-XABC0D"
INVITE = "7QK4-M2ZD"
BEACON_KEYS = LogKeys("liftrounds-beacon/00000000000000ab", (LogKey(0, bytes(range(32))),), beacons.BEACON)
OTHER_BEACON_KEYS = LogKeys("liftrounds-beacon/00000000000000cd", (LogKey(0, bytes(range(1, 33))),), beacons.BEACON)


def _uuid(name: str) -> UUID:
    return UUID(bytes=hashlib.sha256(f"liftrounds test vector: {name}".encode()).digest()[:16], version=4)


def _hash(name: str) -> str:
    return hashlib.sha256(f"liftrounds test vector: {name}".encode()).hexdigest()


def position(north: int = 0) -> OpenedPosition:
    """A place in Taizhou, some units north."""
    return OpenedPosition(
        salt=_hash(f"salt {north}"), lat_e7=286_563_120 + north, lon_e7=1_214_208_110, accuracy_dm=85, at_ms=AT_MS - 4_000
    )


def scan(name: str, zone: str = "", where: OpenedPosition | None = None, source: str = "camera") -> dict[str, Any]:
    """The fields of a scan's body."""
    mark = PositionMark(state="given" if where else "timeout", commitment=where.commitment if where else "")
    return {"scan": _uuid(f"scan {name}"), "code": CODE, "source": source, "zone": zone, "position": mark}


def photo(name: str, **given: Any) -> Photo:
    """A photo of an item."""
    fields: dict[str, Any] = {
        "id": _uuid(f"photo {name}"),
        "sha256": _hash(name),
        "bytes": 183_204,
        "width_px": 1600,
        "height_px": 1200,
        "item": "A-1-29",
        "use": "item",
        "subject": "",
        "taken_at_ms": AT_MS + 700_000,
        "source": "camera",
    }
    return Photo(**(fields | given))


def chain() -> list[tuple[str, Envelope]]:
    """A visit of one technician, from arrival to departure, and a colleague's scan without a visit."""
    writer = ChainWriter(PHONE, PhoneKey(SECRET))
    held = HeldBeacon(token=beacons.issue(AT_MS - 600_000, BEACON_KEYS), session=SESSION, mono_ms=5_000)
    here, there = position(), position(950)

    def add(kind: str, body: Any, minute: int, *, session: UUID = SESSION, **given: Any) -> Envelope:
        mono_ms = 605_000 + minute * 60_000 if session == SESSION else 1_000 + minute
        return writer.append(
            kind,
            body,
            at_ms=AT_MS + minute * 60_000,
            clock=Clock(session=session, mono_ms=mono_ms),
            beacon=given.pop("beacon", held),
            visit=given.pop("visit", VISIT),
            **given,
        )

    arrival = ArrivalBody(
        **scan("arrival", where=here), work_order=_uuid("work order"), second_technician=None, maintenance_class="half_month"
    )
    answers = [
        Answer(item="A-1-1", result="ok", measured=None, unit=None, note="", special_checks=[]),
        Answer(
            item="A-1-29",
            result="adjusted",
            measured="7.5",
            unit="mm",
            note="六楼门锁“啮合”\n\U0001f6d7 7,5 mm / ok",
            special_checks=["lock"],
        ),
        Answer(
            item="A-1-30",
            result="not_applicable",
            measured="-0.25",
            unit="m/s",
            note='quote " backslash \\ tab \t',
            special_checks=[],
        ),
    ]
    part = Part(
        id=_uuid("part"),
        item="A-1-29",
        name="门锁触点",
        quantity=2,
        serial_removed="",
        serial_fitted="SN-0042",
        photo_before=_uuid("photo before"),
        photo_after=None,
    )
    work = WorkBody(
        answers=answers,
        second_technician=_uuid("second technician"),
        parts=[part],
        photos=[photo("item"), photo("before", use="part_before", subject=str(part.id))],
    )
    found = Found(
        id=_uuid("finding"),
        item="",
        severity="stop_use",
        stop_use_condition="door_lock_shorted",
        description="门锁安全回路被短接",
        place="六楼",
        proposal="",
    )
    finding = FindingBody(
        finding=found, photos=[photo("finding", use="finding", subject=str(found.id), item="", source="gallery")]
    )
    empty = WorkBody(answers=[], second_technician=None, parts=[], photos=[])
    departure = DepartureBody(**scan("departure", where=there), owner_code_sha256=_hash("owner's code"))
    return [
        ("arrival with a position and a server time", add("arrival", arrival, 0, position=here)),
        ("zone without a position", add("zone", ScanBody(**scan("pit", "pit", source="typed")), 4)),
        ("work with every kind of field", add("work", work, 12)),
        ("finding that stops use", add("finding", finding, 14)),
        ("work that says only that nobody else is there", add("work", empty, 15)),
        ("work without the optional key", add("work", WorkBody(answers=[], parts=[], photos=[]), 16)),
        ("departure; its position is not opened", add("departure", departure, 25)),
        (
            "a colleague's scan, no visit, no server time, a new session",
            add("join", ScanBody(**scan("join")), 40, session=NEXT_SESSION, visit=None, beacon=None),
        ),
        ("and their leaving", add("leave", ScanBody(**scan("leave", source="gallery")), 55, session=NEXT_SESSION, visit=None)),
    ]


def _good() -> list[dict[str, Any]]:
    told = []
    for name, envelope in chain():
        signed = envelopes.opened(envelope, phone=PHONE, point=PhoneKey(SECRET).point)
        told.append(
            {
                "name": name,
                "payload": signed.payload.decode(),
                "sha256": signed.sha256,
                "envelope": msgspec.to_builtins(envelope),
            }
        )
    return told


def _bad() -> list[dict[str, Any]]:
    """Everything that must be refused, with its reason."""
    key = PhoneKey(SECRET)
    given = dict(chain())
    arrival = given["arrival with a position and a server time"]
    zone = given["zone without a position"]
    work = given["work with every kind of field"]
    raw = _raw(arrival)
    told = [
        (
            "a signature of another key",
            "bad_signature",
            _with(arrival, signature=to_base64url(PhoneKey(OTHER_SECRET).sign(raw))),
        ),
        ("a signature with one bit changed", "bad_signature", _with(arrival, signature=_flipped(arrival.signature))),
        ("a payload with one bit changed", "bad_signature", _with(arrival, payload=_flipped(arrival.payload))),
        ("another entry's signature", "bad_signature", _with(arrival, signature=zone.signature)),
        ("r and s as zero", "bad_signature", _with(arrival, signature=to_base64url(bytes(64)))),
        ("r and s as large as can be", "bad_signature", _with(arrival, signature=to_base64url(b"\xff" * 64))),
        ("a signature of 63 bytes", "bad_signature", _with(arrival, signature=to_base64url(key.sign(raw)[:63]))),
        (
            "a signature in DER",
            "bad_signature",
            _with(arrival, signature=to_base64url(b"\x30\x44\x02\x20" + key.sign(raw)[:32] + b"\x02\x20" + key.sign(raw)[32:])),
        ),
        ("no signature", "bad_signature", _with(arrival, signature="")),
        ("padded base64", "malformed", _with(arrival, signature=arrival.signature + "==")),
        ("base64 of the other alphabet", "malformed", _with(arrival, payload=arrival.payload[:-1] + "+")),
        (
            "base64 with spare bits set",
            "malformed",
            _with(arrival, signature=arrival.signature[:-1] + _next(arrival.signature[-1])),
        ),
        ("a position moved by a centimetre", "position_mismatch", _with(arrival, position=_moved(arrival, lat_e7=1))),
        ("a position made more accurate", "position_mismatch", _with(arrival, position=_moved(arrival, accuracy_dm=-1))),
        ("a position of another moment", "position_mismatch", _with(arrival, position=_moved(arrival, at_ms=1))),
        (
            "a position with another salt",
            "position_mismatch",
            _with(arrival, position=msgspec.structs.replace(position(), salt=_hash("other"))),
        ),
        ("a position that was not signed", "position_unasked", _with(zone, position=position())),
        ("a position beside work", "position_unasked", _with(work, position=position())),
    ]
    told += [(name, reason, key.envelope(content)) for name, reason, content in _bad_payloads(raw, _raw(zone), _raw(work))]
    return [{"name": name, "reason": reason, "envelope": msgspec.to_builtins(envelope)} for name, reason, envelope in told]


def _bad_payloads(arrival: bytes, zone: bytes, work: bytes) -> list[tuple[str, str, bytes]]:
    """Contents that are refused although the phone has signed them."""

    def of(base: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
        value = json.loads(base)
        change(value)
        return canonical(value)

    def put(base: bytes, path: str, value: Any) -> bytes:
        *way, last = path.split(".")

        def change(at: Any) -> None:
            for step in way:
                at = at[int(step) if step.isdigit() else step]
            at[last] = value

        return of(base, change)

    text = zone.decode()
    return [
        ("spaces", "not_canonical", json.dumps(json.loads(zone), sort_keys=True).encode()),
        ("a line break at the end", "not_canonical", zone + b"\n"),
        (
            "keys in another order",
            "not_canonical",
            json.dumps(dict(reversed(json.loads(zone).items())), separators=(",", ":")).encode(),
        ),
        (
            "an escape that need not be",
            "not_canonical",
            text.replace("camera", "c\\u0061mera").replace("typed", "\\u0074yped").encode(),
        ),
        (
            "a letter as an escape",
            "not_canonical",
            json.dumps(json.loads(work), sort_keys=True, separators=(",", ":")).encode(),
        ),
        ("a whole number as a fraction", "malformed", text.replace('"seq":2', '"seq":2.0').encode()),
        ("a number with an exponent", "malformed", text.replace('"seq":2', '"seq":2e0').encode()),
        ("a doubled key", "not_canonical", text.replace('"seq":2', '"seq":2,"seq":2').encode()),
        ("a UUID in capitals", "not_canonical", text.replace(str(PHONE), str(PHONE).upper()).encode()),
        ("a UUID without hyphens", "not_canonical", text.replace(str(PHONE), PHONE.hex).encode()),
        ("minus zero", "not_canonical", put(zone, "clock.mono_ms", 0).replace(b'"mono_ms":0', b'"mono_ms":-0')),
        ("a leading zero", "malformed", text.replace('"seq":2', '"seq":02').encode()),
        ("nothing", "malformed", b""),
        ("no JSON", "malformed", b"{"),
        ("a list", "malformed", b"[]"),
        ("a byte order mark", "malformed", b"\xef\xbb\xbf" + zone),
        ("no UTF-8", "malformed", text.replace("typed", "typed\x00").encode().replace(b"\x00", b"\xff")),
        ("half a surrogate pair", "malformed", text.replace(CODE, "\\ud800").encode()),
        ("not a number", "malformed", text.replace('"seq":2', '"seq":NaN').encode()),
        ("depth without end", "malformed", b"[" * 5_000),
        ("an unknown field", "malformed", put(zone, "more", 1)),
        ("an unknown field of the body", "malformed", put(zone, "body.more", 1)),
        ("a missing field", "malformed", of(zone, lambda value: value.pop("beacon"))),
        ("the number 0", "malformed", put(zone, "seq", 0)),
        ("the number 2^53", "malformed", put(zone, "seq", 2**53)),
        ("a number as a text", "malformed", put(zone, "seq", "2")),
        ("a negative time", "malformed", put(zone, "at_ms", -1)),
        ("a hash in capitals", "malformed", put(zone, "prev", "AB" * 32)),
        ("a short hash", "malformed", put(zone, "prev", "ab" * 31)),
        ("an unknown zone", "malformed", put(zone, "body.zone", "roof")),
        ("an unknown source", "malformed", put(zone, "body.source", "guess")),
        ("an unknown state of the position", "malformed", put(zone, "body.position.state", "maybe")),
        ("no code", "malformed", put(zone, "body.code", "")),
        ("a measured value as a number", "malformed", put(work, "body.answers.1.measured", 7)),
        ("a measured value with an exponent", "malformed", put(work, "body.answers.1.measured", "7e1")),
        ("a measured value with a comma", "malformed", put(work, "body.answers.1.measured", "7,5")),
        ("an unknown result", "malformed", put(work, "body.answers.1.result", "fine")),
        ("no part at all", "malformed", put(work, "body.parts.0.quantity", 0)),
        ("an empty photo", "malformed", put(work, "body.photos.0.bytes", 0)),
        ("another format", "unknown_format", put(zone, "format", "liftrounds-entry/2")),
        ("another kind", "unknown_kind", put(zone, "kind", "lunch")),
        ("another phone", "other_phone", put(zone, "phone", str(_uuid("another phone")))),
        ("no visit", "visit_missing", put(zone, "visit", "")),
        ("a position without a commitment", "position_marked_wrong", put(zone, "body.position.state", "given")),
        ("a commitment without a position", "position_marked_wrong", put(arrival, "body.position.state", "denied")),
    ]


def _chains() -> list[dict[str, Any]]:
    """Chains, in the order in which they are presented, and what is found."""
    point = PhoneKey(SECRET).point
    links = [link_of(signed.entry, signed.sha256) for signed in _opened()]
    root = (0, envelopes.root_of(point))
    head = (links[-1].seq, links[-1].sha256)
    replace = msgspec.structs.replace
    rival = replace(links[3], sha256=_hash("rival"))
    cases: list[tuple[str, list[Link], tuple[int, str] | None]] = [
        ("whole", links, head),
        ("none yet", [], None),
        ("none yet, where nine are known", [], head),
        ("without the first", links[1:], head),
        ("without one between", [*links[:4], *links[5:]], head),
        ("without the last", links[:-1], head),
        ("without the last, which nobody knows of", links[:-1], None),
        ("two changed places", [*links[:2], links[3], links[2], *links[4:]], head),
        ("one twice", [*links[:3], links[2], *links[3:]], head),
        ("another in the place of the fourth", [*links[:3], rival, *links[4:]], head),
        ("two in the fourth place", [*links[:4], rival, *links[4:]], head),
        ("another key's", [replace(links[0], prev=_hash("key")), *links[1:]], head),
        ("another last than the one known", links, (head[0], _hash("rival"))),
        ("monotonic clock went back", [*links[:2], replace(links[2], mono_ms=1), *links[3:]], head),
        (
            "a server time from later",
            [
                *links[:-1],
                replace(
                    links[-2],
                    seq=9,
                    prev=links[-2].sha256,
                    sha256=_hash("later"),
                    session=SESSION,
                    mono_ms=9_000_000,
                    beacon_session=SESSION,
                    beacon_mono_ms=9_000_001,
                ),
            ],
            None,
        ),
    ]
    told = []
    for name, given, known in cases:
        report = check_chain(given, before=root, head=known)
        faults = [{"kind": fault.kind.value, "seq": fault.seq} for fault in report.faults]
        told.append(
            {
                "name": name,
                "before": list(root),
                "head": list(known) if known else None,
                "links": msgspec.to_builtins(given),
                "state": report.state.value,
                "faults": faults,
            }
        )
    return told


def _told(bounds: TimeBounds) -> dict[str, Any]:
    """Return bounds without what was forgiven of the clock: that is given to it, and these are all of the usual two minutes."""
    return {name: value for name, value in msgspec.to_builtins(bounds).items() if name != "tolerance_ms"}


def _times() -> list[dict[str, Any]]:
    """Readings, and the bounds of their times."""
    received = datetime.fromtimestamp(AT_MS / 1000, UTC) + timedelta(hours=6)
    readings = [
        reading_of(signed.entry, beacon_at_ms=AT_MS - 600_000 if signed.entry.beacon else None, received_at=received)
        for signed in _opened()
    ]
    hour_ms = 3_600_000
    replace = msgspec.structs.replace
    cases: list[tuple[str, list[Reading], int | None]] = [
        ("an honest visit, sent six hours later", readings, None),
        ("the phone's clock a day behind", [replace(one, at_ms=one.at_ms - 24 * hour_ms) for one in readings], None),
        ("the phone's clock a day ahead", [replace(one, at_ms=one.at_ms + 24 * hour_ms) for one in readings], None),
        (
            "set back by twenty minutes before the departure",
            [*readings[:6], replace(readings[6], at_ms=readings[6].at_ms - 1_200_000)],
            None,
        ),
        (
            "asleep for an hour between",
            [*readings[:3], *[replace(one, at_ms=one.at_ms + hour_ms) for one in readings[3:]]],
            None,
        ),
        (
            "no server time at all",
            [replace(one, beacon_at_ms=None, beacon_session=None, beacon_mono_ms=0) for one in readings],
            None,
        ),
        (
            "no server time but one of before",
            [replace(one, beacon_at_ms=None, beacon_session=None, beacon_mono_ms=0) for one in readings],
            AT_MS - hour_ms,
        ),
        ("received before its own server time", [replace(readings[0], received_ms=AT_MS - hour_ms)], None),
    ]
    return [
        {
            "name": name,
            "earliest_before_ms": before,
            "readings": msgspec.to_builtins(given),
            "bounds": [_told(bounds) for bounds in time_bounds(given, earliest_before_ms=before)],
        }
        for name, given, before in cases
    ]


def _opened() -> list[envelopes.Signed]:
    return [envelopes.opened(envelope, phone=PHONE, point=PhoneKey(SECRET).point) for _, envelope in chain()]


def vectors() -> dict[str, Any]:
    """Everything, as it stands in the file."""
    key = PhoneKey(SECRET)
    point, public = key.point, BEACON_KEYS.public[0]
    token = beacons.issue(AT_MS, BEACON_KEYS)
    off_curve = point[:-1] + bytes([point[-1] ^ 1])
    bad_tokens = [beacons.issue(AT_MS, OTHER_BEACON_KEYS), _flipped(token), token[:-4], "", "AAAA", token + "="]
    return {
        "format": "liftrounds-scan-events-vectors/1",
        "phone": {
            "id": str(PHONE),
            "private_d": f"{SECRET:064x}",
            "public_key": to_base64url(point),
            "root": envelopes.root_of(point),
            "jwk": {
                "kty": "EC",
                "crv": "P-256",
                "x": to_base64url(point[1:33]),
                "y": to_base64url(point[33:]),
                "d": to_base64url(SECRET.to_bytes(32)),
            },
        },
        "bad_public_keys": [
            to_base64url(one)
            for one in (b"", point[1:], b"\x02" + point[1:33], point + b"\x00", off_curve, b"\x04" + bytes(64), b"\x00")
        ],
        "enrolment": {
            "invite": INVITE,
            "signed": envelopes.enrolment(INVITE, to_base64url(point)).decode(),
            "proof": key.proof(INVITE),
        },
        "beacon": {"key": public.text, "at_ms": AT_MS, "token": token, "bad_tokens": bad_tokens},
        "positions": [
            {"position": msgspec.to_builtins(one), "commitment": one.commitment}
            for one in (position(), position(950), position(-600_000_000))
        ],
        "good": _good(),
        "bad": _bad(),
        "chains": _chains(),
        "times": _times(),
    }


def _raw(envelope: Envelope) -> bytes:
    raw = from_base64url(envelope.payload)
    assert raw is not None
    decode(raw)
    return raw


def _with(envelope: Envelope, **given: Any) -> Envelope:
    return msgspec.structs.replace(envelope, **given)


def _moved(envelope: Envelope, **by: int) -> OpenedPosition:
    place = envelope.position
    assert place is not None
    return msgspec.structs.replace(place, **{name: getattr(place, name) + step for name, step in by.items()})


def _flipped(text: str) -> str:
    raw = bytearray(from_base64url(text) or b"")
    raw[len(raw) // 2] ^= 1
    return to_base64url(bytes(raw))


def _next(character: str) -> str:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return alphabet[(alphabet.index(character) + 1) % 64]


def written() -> str:
    """The text of the file as the code of today makes it."""
    return json.dumps(vectors(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    PATH.write_text(written())
