"""What phones signed, read back: verified entries, bounds of their times, the state of the chain around a visit."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from backend import clock, database
from backend.phones import service
from backend.phones.views import EntryFacts, PhoneChain, Standing
from backend.scope import SYSTEM
from backend.settings import Settings
from qr import code as label_code
from qr.chain.envelope import root_of
from qr.chain.position import OpenedPosition
from qr.chain.rules import ChainState, FaultKind
from qr.chain.times import ClockSign, elapsed
from qr.chain.writer import ChainWriter
from tests.support.factory import Factory
from tests.support.handset import Handset, enrolled
from tests.support.visits import Workplace

VISIT = UUID("00000000-0000-4000-8000-000000000001")


async def read(visit: UUID = VISIT) -> list[PhoneChain]:
    async with database.tx(SYSTEM):
        return await service.visit_entries_inside(visit)


async def one_chain(visit: UUID = VISIT) -> PhoneChain:
    (chain,) = await read(visit)
    return chain


def minutes(phone: Handset, facts: EntryFacts) -> float:
    return (facts.bounds.at - phone.started) / timedelta(minutes=1)


async def test_a_visits_entries_come_with_their_phone_and_a_whole_chain(phone: Handset, place: Workplace) -> None:
    where = OpenedPosition(salt="cd" * 32, lat_e7=286_764_000, lon_e7=1_214_208_000, accuracy_dm=80, at_ms=5)
    sent = [
        phone.note(1),
        phone.scan("zone", place.code, 2, visit=VISIT, position=where),
        phone.note(3, visit=VISIT),
        phone.note(4),
    ]
    await phone.send(*sent)
    chain = await one_chain()
    assert chain.phone.technician == place.technician.technician
    assert [facts.entry.seq for facts in chain.entries] == [2, 3]
    assert chain.report.state is ChainState.WHOLE
    assert chain.report.is_whole
    first = chain.entries[0]
    assert (first.linked, first.revoked, first.beacon_refused, first.position) == (True, False, False, where)
    assert first.label == label_code.parse(place.code).id
    assert round(minutes(phone, first), 3) == 2


async def test_a_late_upload_is_fine_and_its_bounds_say_what_is_known(phone: Handset) -> None:
    sent = [phone.note(10, visit=VISIT), phone.note(40, visit=VISIT)]
    await phone.send(*sent, at=phone.started + timedelta(days=3))
    first, second = (await one_chain()).entries
    assert first.bounds.sign is ClockSign.RIGHT
    assert second.bounds.earliest is not None
    assert second.bounds.earliest >= phone.started + timedelta(minutes=39)
    told = elapsed(first.bounds, first.reading, second.bounds, second.reading)
    assert 30 * 60 - 2 <= told.least_s <= told.claimed_s == 30 * 60


async def test_a_clock_that_was_set_back_shows_against_an_earlier_entrys_server_time(phone: Handset) -> None:
    """The entry itself carries no server time: that of an entry long before bounds it all the same."""
    await phone.send(*[phone.note(minute, heard=100) for minute in range(100, 115)])
    phone.session = uuid4()
    await phone.send(phone.note(20, visit=VISIT, heard=None))
    (facts,) = (await one_chain()).entries
    assert facts.bounds.sign is ClockSign.BACK
    assert facts.bounds.off_ms >= 93 * 60_000, "the last of them was made at minute 114, this one claims minute 20"
    assert "慢" in facts.bounds.reason.zh


async def test_a_back_dated_entry_far_behind_many_others_is_still_bounded_by_their_server_times(phone: Handset) -> None:
    await phone.send(phone.note(100, heard=100), *[phone.note(101, heard=None) for _ in range(60)])
    phone.session = uuid4()
    await phone.send(phone.note(5, visit=VISIT, heard=None))
    assert (await one_chain()).entries[0].bounds.sign is ClockSign.BACK


@pytest.mark.parametrize(("forgiven_s", "sign"), [(120, ClockSign.BACK), (300, ClockSign.RIGHT)])
async def test_what_is_forgiven_of_a_clock_is_what_the_asker_says(phone: Handset, forgiven_s: int, sign: ClockSign) -> None:
    await phone.send(phone.note(100, heard=100))
    phone.session = uuid4()
    await phone.send(phone.note(96, visit=VISIT, heard=None))
    async with database.tx(SYSTEM):
        (chain,) = await service.visit_entries_inside(VISIT, tolerance_ms=forgiven_s * 1000)
    assert chain.entries[0].bounds.sign is sign


async def test_later_entries_bound_a_visit_from_behind(phone: Handset) -> None:
    early = phone.note(30, visit=VISIT)
    later = phone.note(90)
    await phone.send(later, at=phone.started + timedelta(minutes=95))
    await phone.send(early, at=phone.started + timedelta(days=1))
    (facts,) = (await one_chain()).entries
    assert facts.bounds.latest <= phone.started + timedelta(minutes=95 - 59)


async def test_a_gap_before_a_visit_is_a_cut_until_it_is_filled(phone: Handset) -> None:
    sent = [phone.note(1), phone.note(2), phone.note(3, visit=VISIT)]
    await phone.send(sent[0], sent[2])
    chain = await one_chain()
    assert chain.report.state is ChainState.CUT
    assert [(fault.kind, fault.seq) for fault in chain.report.faults] == [(FaultKind.CUT, 2)]
    assert (chain.entries[0].linked, chain.entries[0].standing) == (False, Standing.CUT)
    await phone.send(sent[1])
    chain = await one_chain()
    assert chain.report.is_whole
    assert (chain.entries[0].linked, chain.entries[0].standing) == (True, Standing.CUT)


async def test_a_fork_shows_at_the_visit_it_touches_and_in_the_phones_facts(phone: Handset) -> None:
    honest = phone.writer
    await phone.send(phone.note(1), phone.note(2, visit=VISIT), phone.note(3, visit=VISIT))
    phone.writer = ChainWriter(phone.id, honest.key, (1, (await one_chain()).entries[0].entry.prev))
    await phone.send(phone.note(5, visit=VISIT))
    chain = await one_chain()
    assert chain.report.state is ChainState.FORKED
    assert chain.phone.forked_at == (2,)
    assert [(facts.entry.seq, facts.linked) for facts in chain.entries] == [(2, True), (2, False), (3, True)]
    other = uuid4()
    phone.writer = honest
    await phone.send(phone.note(9, visit=other))
    assert (await one_chain(other)).report.is_whole, "a later visit's own chain is whole"
    assert (await one_chain(other)).phone.forked_at == (2,)


async def test_the_first_entries_of_a_phone_hang_on_its_key(phone: Handset) -> None:
    await phone.send(phone.note(1, visit=VISIT))
    assert (await one_chain()).entries[0].entry.prev == root_of(phone.writer.key.point)
    assert (await one_chain()).report.is_whole


async def test_entries_of_two_phones_come_apart(phone: Handset, place: Workplace, settings: Settings) -> None:
    second = await enrolled(place, place.second, settings)
    await phone.send(phone.note(1, visit=VISIT))
    await second.send(second.scan("join", place.code, 2, visit=VISIT))
    assert {chain.phone.id for chain in await read()} == {phone.id, second.id}


async def test_own_scans_are_found_by_elevator_and_time(phone: Handset, place: Workplace, settings: Settings) -> None:
    second = await enrolled(place, place.second, settings)
    _other, code = await place.another_elevator()
    await second.send(second.scan("join", place.code, 10), second.scan("leave", place.code, 50), second.scan("join", code, 60))
    since, until = second.started, second.started + timedelta(minutes=40)
    async with database.tx(SYSTEM):
        found = await service.entries_by_elevator_inside(place.elevator, since, until)
        all_day = await service.entries_by_elevator_inside(place.elevator, since, until + timedelta(hours=1))
        nobody = await service.entries_by_elevator_inside(place.elevator, since, until, kinds=("arrival",))
    assert [[facts.entry.seq for facts in chain.entries] for chain in found] == [[1]]
    assert [[facts.entry.seq for facts in chain.entries] for chain in all_day] == [[1, 2]]
    assert nobody == []


async def test_another_firm_reads_nothing(phone: Handset, factory: Factory) -> None:
    await phone.send(phone.note(1, visit=VISIT))
    stranger = await Workplace.open(factory)
    async with database.tx(stranger.manager):
        assert await service.visit_entries_inside(VISIT) == []


async def test_a_revocation_tells_entries_of_before_from_those_after(phone: Handset, place: Workplace) -> None:
    await phone.send(phone.note(1, visit=VISIT))
    await service.revoke(place.manager, phone.id, "lost")
    await phone.send(phone.note(2, visit=VISIT))
    chain = await one_chain()
    assert [facts.revoked for facts in chain.entries] == [False, True]
    assert chain.phone.revoked_at is not None
    assert chain.phone.revoked_at <= clock.now()
