"""What a phone sends is verified, stored once, linked in its order, and what is odd is kept as evidence."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import asyncpg
import msgspec
import pytest

from backend import clock, database, keyfile
from backend.errors import NotAllowed, NotFound
from backend.phones import service
from backend.phones.views import Kept, KeptState
from backend.scope import SYSTEM
from backend.settings import Settings
from qr.base64url import from_base64url, to_base64url
from qr.chain import beacon
from qr.chain.bodies import LARGEST_INTEGER, WorkBody
from qr.chain.entry import Clock
from qr.chain.envelope import Envelope
from qr.chain.position import OpenedPosition
from qr.chain.times import ClockSign
from qr.chain.writer import ChainWriter
from qr.log import keys as log_keys
from tests.support.factory import Factory
from tests.support.handset import Handset, enrolled
from tests.support.visits import Workplace, value


def states(kept: Kept) -> list[str]:
    return [f"{one.state.value}{':' if one.reason else ''}{one.reason}" for one in kept.outcomes]


def linked(kept: Kept) -> list[int]:
    return [one.entry.seq for one in kept.linked]


async def actions() -> list[str]:
    async with database.tx(SYSTEM):
        rows = await database.fetch("SELECT action FROM audit_event WHERE action LIKE 'phone.%' ORDER BY at, id")
    return [row["action"] for row in rows if row["action"] not in ("phone.invited", "phone.enrolled")]


async def test_entries_are_stored_linked_and_told_in_the_order_of_the_upload(phone: Handset) -> None:
    sent = [phone.note(minute) for minute in range(3)]
    kept = await phone.send(*sent)
    assert states(kept) == ["stored"] * 3
    assert [one.index for one in kept.outcomes] == [0, 1, 2]
    assert linked(kept) == [1, 2, 3]
    assert (kept.head.seq, kept.head.sha256) == (phone.writer.seq, phone.writer.prev)
    assert await actions() == []


async def test_what_is_stored_is_what_was_signed_to_the_byte(phone: Handset) -> None:
    envelope = phone.note(1)
    await phone.send(envelope)
    async with database.tx(SYSTEM):
        (row,) = await database.fetch("SELECT payload, signature FROM chain_entry")
    assert (to_base64url(row["payload"]), to_base64url(row["signature"])) == (envelope.payload, envelope.signature)


async def test_the_same_upload_again_is_a_duplicate_and_nothing_is_linked_twice(phone: Handset) -> None:
    sent = [phone.note(minute) for minute in range(3)]
    await phone.send(*sent)
    again = await phone.send(*sent, phone.note(3))
    assert states(again) == ["duplicate"] * 3 + ["stored"]
    assert linked(again) == [4]


async def test_the_same_entry_twice_in_one_upload_is_stored_once(phone: Handset) -> None:
    envelope = phone.note(1)
    kept = await phone.send(envelope, envelope)
    assert states(kept) == ["stored", "duplicate"]
    assert await value("SELECT count(*) FROM chain_entry") == 1


async def test_the_same_content_with_another_valid_signature_is_a_duplicate(phone: Handset) -> None:
    """(r, n - s) verifies as well; the chain is of payloads."""
    envelope = phone.note(1)
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    raw = from_base64url(envelope.signature) or b""
    other = raw[:32] + (order - int.from_bytes(raw[32:])).to_bytes(32)
    kept = await phone.send(envelope, msgspec.structs.replace(envelope, signature=to_base64url(other)))
    assert states(kept) == ["stored", "duplicate"]


async def test_uploads_at_the_same_time_store_every_entry_once(phone: Handset) -> None:
    sent = [phone.note(minute) for minute in range(6)]
    found = await asyncio.gather(*(phone.send(*sent) for _ in range(5)))
    assert await value("SELECT count(*) FROM chain_entry") == 6
    assert await value("SELECT count(*) FROM chain_link") == 6
    assert sorted(state for kept in found for state in states(kept)) == ["duplicate"] * 24 + ["stored"] * 6


async def test_an_upload_in_another_order_is_the_same_chain(phone: Handset) -> None:
    sent = [phone.note(minute) for minute in range(4)]
    kept = await phone.send(sent[2], sent[0], sent[3], sent[1])
    assert states(kept) == ["stored"] * 4
    assert linked(kept) == [1, 2, 3, 4]


async def test_entries_behind_a_gap_wait_and_are_linked_when_it_is_filled(phone: Handset) -> None:
    sent = [phone.note(minute) for minute in range(5)]
    first = await phone.send(sent[0], sent[3], sent[4])
    assert states(first) == ["stored", "kept:chain_cut", "kept:chain_cut"]
    assert (first.head.seq, linked(first)) == (1, [1])
    assert (await service.phones(phone.owner))[0].waiting == 2
    second = await phone.send(sent[3])
    assert states(second) == ["kept:chain_cut"]
    filled = await phone.send(sent[1], sent[2])
    assert states(filled) == ["stored", "stored"]
    assert linked(filled) == [2, 3, 4, 5]
    assert states(await phone.send(*sent)) == ["duplicate"] * 5
    assert (await service.phones(phone.owner))[0].waiting == 0
    assert await actions() == ["phone.chain_cut"]


async def test_a_second_content_in_a_place_is_kept_as_evidence_and_never_linked(phone: Handset) -> None:
    first = phone.note(0)
    rival = ChainWriter(phone.id, phone.writer.key)
    honest = phone.writer
    await phone.send(first, phone.note(1))
    phone.writer = rival
    forged = [phone.note(minute) for minute in (7, 8, 9)]
    kept = await phone.send(*forged)
    assert states(kept) == ["kept:chain_forked"] * 3, "the third follows another entry than the one that is there"
    assert linked(kept) == []
    phone.writer = honest
    goes_on = await phone.send(phone.note(10))
    assert states(goes_on) == ["stored"], "the chain that was first goes on"
    assert states(await phone.send(*forged)) == ["kept:chain_forked"] * 3
    told = (await service.phones(phone.owner))[0]
    assert (told.forked, told.head.seq, told.entries) == (True, 3, 6)
    assert await actions() == ["phone.chain_forked"]


async def test_an_entry_that_follows_another_one_is_a_fork(phone: Handset) -> None:
    await phone.send(phone.note(0))
    phone.writer.prev = "ab" * 32
    assert states(await phone.send(phone.note(1))) == ["kept:chain_forked"]


async def test_a_chain_begins_at_the_phones_own_key(phone: Handset) -> None:
    phone.writer.prev = "00" * 32
    assert states(await phone.send(phone.note(0))) == ["kept:chain_forked"]


async def test_the_true_entry_behind_a_gap_is_linked_although_a_false_one_came_first(phone: Handset) -> None:
    sent = [phone.note(minute) for minute in range(3)]
    phone.writer = ChainWriter(phone.id, phone.writer.key, (2, "cd" * 32))
    false = phone.note(5)
    await phone.send(sent[0], false)
    kept = await phone.send(*sent)
    assert states(kept) == ["duplicate", "stored", "stored"]
    assert linked(kept) == [2, 3]
    assert states(await phone.send(false)) == ["kept:chain_forked"]


async def test_what_is_no_entry_is_refused_beside_good_ones_and_kept_as_evidence(phone: Handset) -> None:
    good = phone.note(0)
    flipped = msgspec.structs.replace(good, signature="A" * 86)
    nonsense = phone.writer.key.envelope(b"{}")
    kept = await phone.send(flipped, nonsense, good, Envelope(payload="*", signature="*"))
    assert states(kept) == ["refused:bad_signature", "refused:malformed", "stored", "refused:malformed"]
    assert all(one.text is not None for one in kept.outcomes if one.state is KeptState.REFUSED)
    assert await value("SELECT count(*) FROM chain_refusal") == 3
    await phone.send(flipped)
    assert await value("SELECT sum(times) FROM chain_refusal") == 4
    assert await actions() == ["phone.entries_refused"] * 2


async def test_another_phones_entry_is_refused(phone: Handset, place: Workplace, settings: Settings) -> None:
    other = await enrolled(place, place.second, settings)
    assert states(await phone.send(other.note(0))) == ["refused:bad_signature"]
    copied = ChainWriter(other.id, phone.writer.key)
    phone.writer = copied
    assert states(await other.send(phone.note(0))) == ["refused:bad_signature"]


async def test_a_revoked_phones_entries_are_kept_for_review_and_not_given_on(phone: Handset, place: Workplace) -> None:
    before, after = phone.note(0), phone.note(1)
    await phone.send(before)
    await service.revoke(place.manager, phone.id, "lost")
    kept = await phone.send(before, after)
    assert states(kept) == ["duplicate", "kept:phone_revoked"]
    assert linked(kept) == []
    assert (await service.phones(place.manager))[0].after_revocation == 1
    assert states(await phone.send(after)) == ["kept:phone_revoked"]
    assert await actions() == ["phone.revoked", "phone.sent_after_revocation"]


async def test_another_technicians_session_sends_nothing_and_is_seen(phone: Handset, place: Workplace) -> None:
    envelope = phone.note(0)
    with pytest.raises(NotAllowed):
        await phone.send(envelope, sender=place.second)
    with pytest.raises(NotAllowed):
        await phone.send(envelope, sender=place.owner_scope)
    assert await value("SELECT count(*) FROM chain_entry") == 0
    assert await actions() == ["phone.other_session"] * 2
    assert states(await phone.send(envelope, sender=place.manager)) == ["stored"], "the office hands over a file"


async def test_another_firms_phone_does_not_exist(phone: Handset, factory: Factory) -> None:
    stranger = await Workplace.open(factory)
    with pytest.raises(NotFound):
        await phone.send(phone.note(0), sender=stranger.technician)
    with pytest.raises(NotFound):
        await service.phone(stranger.manager, phone.id)


async def test_a_server_time_that_was_not_signed_here_is_noted_and_the_entry_kept(phone: Handset, settings: Settings) -> None:
    phone.beacons = log_keys.generate(lambda length: bytes(range(length)), beacon.BEACON)
    envelope = phone.note(0)
    phone.beacons = keyfile.beacon_keys(settings)
    assert states(await phone.send(envelope)) == ["stored"]
    assert await value("SELECT beacon_refused FROM chain_entry") is True
    assert await actions() == ["phone.beacon_refused"]


async def test_a_position_may_come_later_and_is_forgotten_for_good(phone: Handset, place: Workplace) -> None:
    place_of = OpenedPosition(salt="ab" * 32, lat_e7=286_764_000, lon_e7=1_214_208_000, accuracy_dm=80, at_ms=5)
    envelope = phone.scan("zone", place.code, 1, visit=uuid4(), position=place_of)
    await phone.send(msgspec.structs.replace(envelope, position=None))
    assert await value("SELECT count(*) FROM chain_position") == 0
    kept = await phone.send(envelope)
    assert states(kept) == ["duplicate"]
    hashes = [kept.outcomes[0].sha256]
    async with database.tx(SYSTEM):
        (stored,) = await service.stored_inside(hashes)
        assert stored.position == place_of
        assert await service.forget_positions_inside(clock.now() + timedelta(seconds=1)) == 1
    await phone.send(envelope)
    async with database.tx(SYSTEM):
        facts = (await service.facts_inside(hashes))[hashes[0]]
        assert (facts.position, facts.position_forgotten) == (None, True)
        row = await database.fetch("SELECT salt, lat_e7, lon_e7, accuracy_dm, at_ms FROM chain_position")
    assert set(dict(row[0]).values()) == {None}


async def test_entries_are_written_once_even_for_the_database(phone: Handset) -> None:
    await phone.send(phone.note(0))
    for statement in ("UPDATE chain_entry SET kind = 'zone'", "DELETE FROM chain_link", "DELETE FROM chain_entry"):
        with pytest.raises(asyncpg.PostgresError, match="written once"):
            async with database.tx(SYSTEM):
                await database.execute(statement)


async def test_a_clock_past_the_calendar_is_stored_and_called_ahead(phone: Handset) -> None:
    body = WorkBody(answers=[], parts=[], photos=[])
    clock_now = Clock(session=uuid4(), mono_ms=LARGEST_INTEGER)
    kept = await phone.send(phone.writer.append("work", body, at_ms=LARGEST_INTEGER, clock=clock_now, visit=uuid4()))
    assert states(kept) == ["stored"]
    sha256 = kept.outcomes[0].sha256
    async with database.tx(SYSTEM):
        facts = (await service.facts_inside([sha256]))[sha256]
    assert facts.bounds.sign is ClockSign.AHEAD
    assert facts.bounds.at <= clock.now()
