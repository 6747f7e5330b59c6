"""What holds for every entry and every chain of a phone: bytes, signatures, order, and the bounds of times."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qr.base64url import from_base64url, to_base64url
from qr.canonical import canonical
from qr.chain import beacon, envelope
from qr.chain.bodies import LARGEST_INTEGER, Answer, PositionMark, ScanBody, WorkBody
from qr.chain.entry import Clock, Entry, HeldBeacon, Join, Work, decode, encode
from qr.chain.envelope import Envelope, opened
from qr.chain.errors import ChainError
from qr.chain.position import E7, OpenedPosition
from qr.chain.rules import ChainState, FaultKind, Link, check_chain, link_of
from qr.chain.times import DRIFT_PPM, TOLERANCE_MS, ClockSign, Reading, reading_of, time_bounds
from qr.chain.writer import ChainWriter, PhoneKey
from tests.support.scan_vectors import BEACON_KEYS, OTHER_BEACON_KEYS, PHONE, SECRET, chain

KEY = PhoneKey(SECRET)
ROOT = (0, envelope.root_of(KEY.point))

counts = st.integers(0, LARGEST_INTEGER)
hexes = st.binary(min_size=32, max_size=32).map(bytes.hex)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
clocks = st.builds(Clock, session=st.uuids(), mono_ms=counts)
held = st.none() | st.builds(HeldBeacon, token=st.text("abcXYZ-_", min_size=1), session=st.uuids(), mono_ms=counts)
places = st.builds(
    OpenedPosition, salt=hexes, lat_e7=st.integers(-90 * E7, 90 * E7), lon_e7=st.integers(-180 * E7, 180 * E7),
    accuracy_dm=counts, at_ms=counts,
)  # fmt: skip
marks = st.builds(PositionMark, state=st.sampled_from(["denied", "timeout"]), commitment=st.just("")) | st.builds(
    PositionMark, state=st.just("given"), commitment=hexes
)
answers = st.builds(
    Answer, item=texts, result=st.sampled_from(["ok", "finding"]), measured=st.sampled_from([None, "0", "-7.50", "123456789"]),
    unit=st.none() | texts, note=texts, special_checks=st.lists(texts, max_size=2),
)  # fmt: skip
scans = st.builds(
    ScanBody, scan=st.uuids(), code=texts.filter(bool), source=st.sampled_from(["camera", "typed"]), zone=st.just(""),
    position=marks,
)  # fmt: skip
works = st.builds(
    WorkBody, answers=st.lists(answers, max_size=3), second_technician=st.none() | st.uuids() | st.just(msgspec.UNSET),
    parts=st.just([]), photos=st.just([]),
)  # fmt: skip
heads: dict[str, Any] = {
    "format": st.just("liftrounds-entry/1"), "phone": st.just(PHONE), "seq": st.integers(1, LARGEST_INTEGER), "prev": hexes,
    "visit": st.uuids().map(str), "at_ms": counts, "clock": clocks, "beacon": held,
}  # fmt: skip
entries = st.builds(Join, **heads, body=scans) | st.builds(Work, **heads, body=works)


@given(entries)
def test_an_entry_reads_back_from_its_bytes_and_its_bytes_from_the_entry(entry: Entry) -> None:
    payload = encode(entry)
    assert decode(payload) == entry
    assert encode(decode(payload)) == payload
    assert canonical(json.loads(payload)) == payload


@given(entries, st.data())
def test_no_other_spelling_of_an_entry_is_taken(entry: Entry, data: st.DataObject) -> None:
    payload = encode(entry)
    place = data.draw(st.integers(0, len(payload)))
    added = data.draw(st.sampled_from([b" ", b"\n", b"\t", b"0", b",", b"\x00", b"\xef\xbb\xbf"]))
    changed = payload[:place] + added + payload[place:]
    try:
        other = decode(changed)
    except ChainError:
        return
    assert other != entry, "what is taken is another content with its own hash"
    assert encode(other) == changed


@given(entries, places)
def test_a_signed_entry_opens_and_only_with_its_own_position(entry: Entry, place: OpenedPosition) -> None:
    sent = KEY.envelope(encode(entry))
    assert opened(sent, phone=PHONE, point=KEY.point).entry == entry
    with pytest.raises(ChainError) as refusal:
        opened(msgspec.structs.replace(sent, position=place), phone=PHONE, point=KEY.point)
    assert refusal.value.reason in ("position_mismatch", "position_unasked")


@given(st.sampled_from(chain()), st.sampled_from(["payload", "signature"]), st.data())
def test_any_change_to_a_signed_envelope_is_refused_and_crashes_nothing(
    named: tuple[str, Envelope], field: str, data: st.DataObject
) -> None:
    sent = named[1]
    text: str = getattr(sent, field)
    place = data.draw(st.integers(0, len(text) - 1))
    drawn = st.text(max_size=4) | st.sampled_from("AQgw-_+/=")
    changed = text[:place] + data.draw(drawn) + text[place + data.draw(st.integers(0, 4)) :]
    if changed == text:
        return
    with pytest.raises(ChainError):
        opened(msgspec.structs.replace(sent, **{field: changed}), phone=PHONE, point=KEY.point)


@given(st.binary(max_size=200))
def test_nothing_that_is_signed_but_no_entry_is_taken(content: bytes) -> None:
    with pytest.raises(ChainError):
        opened(KEY.envelope(content), phone=PHONE, point=KEY.point)


@given(st.binary(max_size=80))
def test_base64url_has_one_spelling(raw: bytes) -> None:
    assert from_base64url(to_base64url(raw)) == raw
    assert from_base64url(to_base64url(raw) + "=") is None


def links(count: int) -> list[Link]:
    """Of a chain of pieces of work, each a minute behind the other."""
    writer = ChainWriter(PHONE, KEY)
    session = UUID(int=7)
    found = []
    for number in range(count):
        sent = writer.append(
            "work", WorkBody(answers=[], parts=[], photos=[]), at_ms=number * 60_000, visit=UUID(int=1),
            clock=Clock(session=session, mono_ms=number * 60_000),
        )  # fmt: skip
        signed = opened(sent, phone=PHONE, point=KEY.point)
        found.append(link_of(signed.entry, signed.sha256))
    return found


CHAIN = links(12)
lengths = st.integers(1, len(CHAIN))


def head_of(found: list[Link]) -> tuple[int, str]:
    return found[-1].seq, found[-1].sha256


@given(lengths)
def test_an_untouched_chain_is_whole(length: int) -> None:
    found = CHAIN[:length]
    assert check_chain(found, before=ROOT, head=head_of(found)).is_whole


@given(lengths, st.data())
def test_any_change_of_order_is_found(length: int, data: st.DataObject) -> None:
    found = CHAIN[:length]
    other = data.draw(st.permutations(found))
    report = check_chain(other, before=ROOT, head=head_of(found))
    assert report.state is (ChainState.WHOLE if other == found else ChainState.REORDERED)


@given(lengths, st.data())
def test_any_that_are_missing_are_found(length: int, data: st.DataObject) -> None:
    found = CHAIN[:length]
    gone = data.draw(st.sets(st.sampled_from(range(length)), min_size=1))
    left = [link for place, link in enumerate(found) if place not in gone]
    report = check_chain(left, before=ROOT, head=head_of(found))
    assert report.state is ChainState.CUT
    missing = {place + 1 for place in gone}
    assert {fault.seq for fault in report.faults} == {seq for seq in missing if seq - 1 not in missing}


@given(st.data())
def test_any_step_back_of_the_monotonic_clock_is_found_within_its_session_only(data: st.DataObject) -> None:
    place = data.draw(st.integers(1, len(CHAIN) - 1))
    back_ms = data.draw(st.integers(1, 60_000 * place))
    turned = msgspec.structs.replace(CHAIN[place], mono_ms=CHAIN[place - 1].mono_ms - min(back_ms, CHAIN[place - 1].mono_ms))
    report = check_chain([*CHAIN[:place], turned, *CHAIN[place + 1 :]], before=ROOT, head=head_of(CHAIN))
    is_back = turned.mono_ms < CHAIN[place - 1].mono_ms
    assert [(fault.kind, fault.seq) for fault in report.faults] == [(FaultKind.MONOTONIC_BACK, turned.seq)] * is_back
    restarted = msgspec.structs.replace(turned, session=UUID(int=8))
    assert check_chain([*CHAIN[:place], restarted, *CHAIN[place + 1 :]], before=ROOT, head=head_of(CHAIN)).is_whole


@given(lengths, st.data())
def test_any_that_is_there_twice_is_found(length: int, data: st.DataObject) -> None:
    found = CHAIN[:length]
    again = data.draw(st.sampled_from(found))
    place = data.draw(st.integers(0, length))
    report = check_chain([*found[:place], again, *found[place:]], before=ROOT, head=head_of(found))
    assert report.state in (ChainState.REPEATED, ChainState.REORDERED)


@given(lengths, hexes, st.data())
def test_any_other_content_in_a_place_is_found(length: int, other: str, data: st.DataObject) -> None:
    """Signed anew by the phone itself, so that only the chain can tell."""
    found = CHAIN[:length]
    place = data.draw(st.integers(0, length - 1))
    changed = msgspec.structs.replace(found[place], sha256=other)
    report = check_chain([*found[:place], changed, *found[place + 1 :]], before=ROOT, head=head_of(found))
    assert report.state is ChainState.FORKED


@given(lengths, hexes, st.data())
def test_any_other_link_is_found(length: int, other: str, data: st.DataObject) -> None:
    found = CHAIN[:length]
    place = data.draw(st.integers(0, length - 1))
    changed = msgspec.structs.replace(found[place], prev=other)
    assert check_chain([*found[:place], changed, *found[place + 1 :]], before=ROOT).state is ChainState.FORKED


@given(st.lists(st.sampled_from(CHAIN), max_size=20), st.booleans())
def test_the_rules_take_anything_and_are_whole_only_for_the_chain_itself(given_: list[Link], known: bool) -> None:
    report = check_chain(given_, before=ROOT, head=head_of(CHAIN) if known else None)
    is_chain = given_ == (CHAIN if known else CHAIN[: len(given_)])
    assert report.is_whole == is_chain


NOW = datetime(2026, 11, 26, 6, tzinfo=UTC)


@st.composite
def journeys(draw: st.DrawFn) -> tuple[list[Reading], list[int]]:
    """An honest phone: true times, a clock that is right or off by anything, sleep, restarts, server times, late uploads."""
    true_ms, mono_ms, session = 1_700_000_000_000, 0, UUID(int=1)
    off_ms = draw(st.integers(-(10**9), 10**9))
    beacon_at: tuple[int, UUID, int] | None = None
    readings, true = [], []
    for number in range(draw(st.integers(1, 8))):
        passed = draw(st.integers(0, 7_200_000))
        true_ms += passed
        if draw(st.booleans()):
            session, mono_ms = UUID(int=number + 2), draw(st.integers(0, 1_000))
        else:
            slept = draw(st.integers(0, passed)) if draw(st.booleans()) else 0
            awake = passed - slept
            mono_ms += awake + draw(st.integers(0, awake * DRIFT_PPM // 1_000_000))
        if draw(st.booleans()):
            beacon_at = (true_ms - draw(st.integers(0, 30_000)), session, mono_ms)
        if draw(st.integers(0, 4)) == 0:
            off_ms = draw(st.integers(-(10**9), 10**9))
        readings.append(
            Reading(
                seq=number + 1, at_ms=max(0, true_ms + off_ms), session=session, mono_ms=mono_ms,
                beacon_at_ms=beacon_at[0] if beacon_at else None, beacon_session=beacon_at[1] if beacon_at else None,
                beacon_mono_ms=beacon_at[2] if beacon_at else 0, received_ms=0,
            )
        )  # fmt: skip
        true.append(true_ms)
    received = sorted(true_ms + draw(st.integers(0, 10**8)) for _ in readings)
    return [msgspec.structs.replace(one, received_ms=at) for one, at in zip(readings, received, strict=True)], true


@given(journeys())
def test_the_true_time_always_lies_within_the_bounds(journey: tuple[list[Reading], list[int]]) -> None:
    readings, true = journey
    for bounds, true_ms in zip(time_bounds(readings), true, strict=True):
        assert bounds.earliest_ms is None or bounds.earliest_ms <= true_ms
        assert true_ms <= bounds.latest_ms
        assert not bounds.contradicted


@given(journeys())
def test_the_time_that_counts_is_possible_and_follows_the_chain(journey: tuple[list[Reading], list[int]]) -> None:
    found = time_bounds(journey[0])
    for bounds in found:
        assert bounds.earliest_ms is None or bounds.earliest_ms <= bounds.at_ms
        assert bounds.at_ms <= bounds.latest_ms
    assert [bounds.at_ms for bounds in found] == sorted(bounds.at_ms for bounds in found)


@given(journeys())
def test_a_clock_is_called_wrong_only_where_it_was_wrong_by_as_much(journey: tuple[list[Reading], list[int]]) -> None:
    """Nobody is accused for a clock that was right."""
    readings, true = journey
    for bounds, reading, true_ms in zip(time_bounds(readings), readings, true, strict=True):
        error_ms = reading.at_ms - true_ms
        if bounds.sign is ClockSign.AHEAD:
            assert error_ms >= bounds.off_ms > TOLERANCE_MS
        if bounds.sign is ClockSign.BACK:
            assert -error_ms >= bounds.off_ms > TOLERANCE_MS


@given(journeys(), st.data())
def test_bounds_hold_whichever_entries_are_missing(journey: tuple[list[Reading], list[int]], data: st.DataObject) -> None:
    readings, true = journey
    kept = sorted(data.draw(st.sets(st.sampled_from(range(len(readings))), min_size=1)))
    for bounds, place in zip(time_bounds([readings[place] for place in kept]), kept, strict=True):
        assert bounds.earliest_ms is None or bounds.earliest_ms <= true[place]
        assert true[place] <= bounds.latest_ms


@given(counts, st.data())
def test_a_server_time_reads_back_and_no_changed_one_does(at_ms: int, data: st.DataObject) -> None:
    token = beacon.issue(at_ms, BEACON_KEYS)
    assert beacon.read(token, BEACON_KEYS.public) == at_ms
    place = data.draw(st.integers(0, len(token) - 1))
    changed = token[:place] + data.draw(st.text(max_size=3)) + token[place + 1 :]
    with suppress(ChainError):
        assert beacon.read(changed, BEACON_KEYS.public) == at_ms
        assert changed == token
    with pytest.raises(ChainError):
        beacon.read(beacon.issue(at_ms, OTHER_BEACON_KEYS), BEACON_KEYS.public)


@given(entries, st.integers(0, 2**40))
def test_an_entry_alone_is_bounded_by_its_receipt(entry: Entry, after_us: int) -> None:
    received_at = NOW + timedelta(microseconds=after_us)
    (bounds,) = time_bounds([reading_of(entry, beacon_at_ms=None, received_at=received_at)])
    assert bounds.earliest is None
    assert bounds.latest <= received_at
    assert received_at - bounds.latest < timedelta(milliseconds=1)
