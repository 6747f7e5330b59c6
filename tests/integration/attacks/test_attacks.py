"""No attack gets a visit above the grade that it deserves, none breaks the server, each leaves an event in the audit trail."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from msgspec import Struct

from backend import clock, database
from backend.labels import service as labels
from backend.scope import SYSTEM
from qr.base64url import to_base64url
from qr.chain.envelope import root_of
from tests.support import pictures
from tests.support.phone import SoftPhone, in_order
from tests.support.signed import SignedPlace, audited
from tests.support.visits import Workplace, value

AT_HOME = (28.90, 121.42)
"""25 km north of the elevator."""

FAR_SITE = {"lat": 31.23, "lon": 121.47}
"""A day's journey away."""

Do = Callable[[SignedPlace], Awaitable[UUID | None]]
"""Does what the attacker does; returns the id of the visit that is to count."""


class Attack(Struct, frozen=True):
    """What somebody does, what it deserves at the most, and what the audit trail says."""

    do: Do
    highest: str | None
    """Grade; None = there is no finished visit."""

    audited: str


# -- honest work -------------------------------------------------------------------------------------------------------------


async def honest(signed: SignedPlace) -> UUID:
    both_scan(signed)
    visit = signed.visit()
    await signed.sync()
    await signed.other_phone.sync(signed.second)
    return visit


def both_scan(signed: SignedPlace) -> None:
    """The second technician's own scans."""
    signed.other_phone.wait(minutes=2)
    signed.other_phone.join(signed.place.code)
    signed.other_phone.wait(minutes=40)
    signed.other_phone.leave(signed.place.code)


async def double_submit(signed: SignedPlace) -> UUID:
    both_scan(signed)
    visit = signed.visit()
    queue = list(signed.phone.queue)
    await signed.sync()
    await signed.other_phone.sync(signed.second)
    for _ in range(3):
        await signed.phone.send(signed.first, queue)
    assert await value("SELECT count(*) FROM visit_record") == 1
    assert await audited("visit.finished") == 1
    return visit


# -- codes -------------------------------------------------------------------------------------------------------------------


async def with_code(signed: SignedPlace, code: str, **scan: Any) -> UUID:
    visit = signed.phone.arrive(code, **scan)
    signed.phone.wait(minutes=45)
    signed.phone.work(visit, answers=in_order(signed.items))
    signed.phone.depart(visit, code, **scan)
    await signed.sync()
    return visit


async def forged_code(signed: SignedPlace) -> UUID:
    code = signed.place.code
    other = "0" if code[-1] != "0" else "1"
    return await with_code(signed, code[:-1] + other)


async def invented_code(signed: SignedPlace) -> UUID:
    return await with_code(signed, "HTTPS://TESTSERVER.LOCAL/E/ZZZZZZZZ-ZZZZZZ")


async def truncated_code(signed: SignedPlace) -> UUID:
    return await with_code(signed, signed.place.code[:9])


async def foreign_code(signed: SignedPlace) -> UUID:
    other = await Workplace.open(signed.place.factory, signed.place.ring)
    return await with_code(signed, other.code)


async def code_with_strange_characters(signed: SignedPlace) -> UUID:
    return await with_code(signed, "\x00\ud7ff\u202e' OR 1=1 --" + "A" * 300)


async def revoked_label(signed: SignedPlace) -> UUID:
    label = await value("SELECT id FROM label")
    with clock.stopped_at(signed.phone.at - timedelta(hours=1)):
        await labels.revoke(signed.place.manager, signed.place.ring, label, "copied")
    return await with_code(signed, signed.place.code)


async def revoked_label_taken_by_hand(signed: SignedPlace) -> UUID:
    visit = await revoked_label(signed)
    await by_hand(signed)
    return visit


async def by_hand(signed: SignedPlace) -> None:
    """A manager who believes everything."""
    for row in (await signed.manager.get("/api/v1/entries/held")).json()["rows"]:
        await signed.manager.post(f"/api/v1/entries/{row['id']}/take-by-hand", json={"reason": "I believe it"})


async def departure_at_another_elevator(signed: SignedPlace) -> UUID:
    _elevator, code = await signed.place.another_elevator()
    visit = signed.phone.arrive(signed.place.code)
    signed.phone.wait(minutes=45)
    signed.phone.work(visit, answers=in_order(signed.items))
    signed.phone.depart(visit, code)
    await signed.sync()
    return visit


async def photographed_label_at_home(signed: SignedPlace) -> UUID:
    signed.phone.place = AT_HOME
    return await with_code(signed, signed.place.code)


async def photographed_label_without_position(signed: SignedPlace) -> UUID:
    both_scan(signed)
    signed.phone.place = None
    return await with_code(signed, signed.place.code)


async def typed_code(signed: SignedPlace) -> UUID:
    both_scan(signed)
    return await with_code(signed, signed.place.code, source="typed")


async def code_from_the_gallery(signed: SignedPlace) -> UUID:
    both_scan(signed)
    return await with_code(signed, signed.place.code, source="gallery")


async def same_label_in_two_places(signed: SignedPlace) -> UUID:
    """A copy of the label is scanned elsewhere during the visit; the server hears of it later."""
    visit = signed.visit(second=False)
    await signed.sync()
    signed.other_phone.place = AT_HOME
    signed.other_phone.wait(minutes=20)
    signed.other_phone.arrive(signed.place.code)
    await signed.other_phone.sync(signed.second)
    return visit


# -- keys and sessions -------------------------------------------------------------------------------------------------------


async def another_key(signed: SignedPlace) -> UUID:
    thief = SoftPhone(at=signed.phone.at)
    thief.id = signed.phone.id
    thief.seq, thief.head = signed.phone.seq, signed.phone.head
    visit = thief.arrive(signed.place.code)
    thief.wait(minutes=45)
    thief.work(visit, answers=in_order(signed.items))
    thief.depart(visit, signed.place.code)
    await thief.send(signed.first, thief.queue)
    return visit


async def no_signature(signed: SignedPlace) -> UUID:
    visit = signed.visit()
    for signature in ("", to_base64url(b"\0" * 64), to_base64url(b"\xff" * 64)):
        await signed.phone.send(signed.first, [one | {"signature": signature} for one in signed.phone.queue])
    return visit


async def stolen_session_without_invitation(signed: SignedPlace) -> None:
    thief = SoftPhone()
    for code in ("ABCD-EFGH", "", "\x00"):
        answer = await signed.first.post("/api/v1/phones", json=thief.enrolment(code))
        assert answer.status_code == 400
    thief.arrive(signed.place.code)
    assert (await thief.send(signed.first, thief.queue)).status_code == 404


async def another_technician_s_session(signed: SignedPlace) -> UUID:
    visit = signed.visit()
    assert (await signed.phone.send(signed.second, signed.phone.queue)).status_code == 403
    return visit


async def another_phone_s_entries(signed: SignedPlace) -> UUID:
    visit = signed.visit()
    await signed.other_phone.send(signed.second, signed.phone.queue)
    return visit


async def revoked_phone(signed: SignedPlace) -> UUID:
    await signed.manager.post(f"/api/v1/phones/{signed.phone.id}/revoke", json={"reason": "stolen"})
    await signed.sign_in_again()
    visit = signed.visit()
    await signed.sync()
    return visit


async def revoked_phone_taken_by_hand(signed: SignedPlace) -> UUID:
    visit = await revoked_phone(signed)
    await by_hand(signed)
    return visit


async def first_technician_as_the_second(signed: SignedPlace) -> UUID:
    another = SoftPhone(at=signed.phone.at)
    assert signed.place.technician.technician is not None
    await signed.enrol(another, signed.first, signed.place.technician.technician)
    visit = signed.visit(second=False)
    await signed.sync()
    another.wait(minutes=2)
    another.join(signed.place.code, visit)
    another.wait(minutes=40)
    another.leave(signed.place.code, visit)
    await another.sync(signed.first)
    return visit


# -- clocks ------------------------------------------------------------------------------------------------------------------


async def clock_set_back_by_days(signed: SignedPlace) -> UUID:
    signed.phone.set_clock(signed.phone.at - timedelta(days=10))
    visit = signed.visit()
    await signed.sync()
    return visit


async def clock_set_back_by_a_year_and_restarted(signed: SignedPlace) -> UUID:
    signed.phone.set_clock(signed.phone.at - timedelta(days=365))
    signed.phone.restart()
    visit = signed.visit()
    await signed.sync()
    return visit


async def clock_set_ahead(signed: SignedPlace) -> UUID:
    both_scan(signed)
    signed.phone.set_clock(signed.phone.at + timedelta(days=400))
    visit = signed.visit()
    await signed.sync()
    await signed.other_phone.sync(signed.second)
    return visit


async def arrival_dated_back(signed: SignedPlace) -> UUID:
    """Two minutes on site that shall look like forty-five."""
    signed.phone.wait(minutes=55)
    true_time = signed.phone.at
    signed.phone.set_clock(true_time - timedelta(minutes=43))
    visit = signed.phone.arrive(signed.place.code)
    signed.phone.wait(minutes=2)
    signed.phone.set_clock(true_time + timedelta(minutes=2))
    signed.phone.work(visit, answers=in_order(signed.items))
    signed.phone.depart(visit, signed.place.code)
    await signed.sync()
    return visit


async def five_minutes_on_site(signed: SignedPlace) -> UUID:
    visit = signed.visit(minutes=5)
    await signed.sync()
    return visit


async def clock_at_the_end_of_time(signed: SignedPlace) -> UUID:
    visit = signed.phone.arrive(signed.place.code)
    body, opened = signed.phone.scan_body(signed.place.code)
    signed.phone.append("departure", visit, body | {"owner_code_sha256": ""}, opened, at_ms=2**53 - 1)
    await signed.sync()
    return visit


async def feigned_server_time(signed: SignedPlace) -> UUID:
    assert signed.phone.beacon is not None
    signed.phone.beacon = signed.phone.beacon | {"token": signed.phone.beacon["token"][:-4] + "AAAA"}
    visit = signed.visit()
    await signed.sync()
    return visit


# -- chains ------------------------------------------------------------------------------------------------------------------


async def cut_chain(signed: SignedPlace) -> UUID:
    visit = signed.phone.arrive(signed.place.code)
    signed.phone.wait(minutes=45)
    signed.phone.work(visit, answers=in_order(signed.items))
    signed.phone.work(visit)
    signed.phone.depart(visit, signed.place.code)
    del signed.phone.queue[2]
    await signed.sync()
    return visit


async def cut_chain_taken_by_hand(signed: SignedPlace) -> UUID:
    visit = await cut_chain(signed)
    await by_hand(signed)
    return visit


async def reordered_chain(signed: SignedPlace) -> UUID:
    visit = uuid4()
    signed.phone.depart(visit, signed.place.code)
    signed.phone.wait(minutes=45)
    signed.phone.arrive(signed.place.code, visit)
    signed.phone.work(visit, answers=in_order(signed.items))
    await signed.sync()
    return visit


async def forked_chain(signed: SignedPlace) -> UUID:
    """The same key in two apps: one of them did the visit, the other something else at the same place of the chain."""
    visit = signed.visit()
    kept = list(signed.phone.queue)
    copy = SoftPhone(at=signed.phone.at)
    copy.id, copy.key, copy.point = signed.phone.id, signed.phone.key, signed.phone.point
    copy.beacon = signed.phone.beacon
    copy.head = root_of(copy.point)
    _elevator, code = await signed.place.another_elevator()
    copy.arrive(code)
    await signed.phone.send(signed.first, copy.queue)
    await signed.phone.send(signed.first, kept)
    await by_hand(signed)
    return visit


async def chain_of_another_visit(signed: SignedPlace) -> UUID:
    """An entry of an earlier visit is signed again for a new one: the same scan, another visit."""
    first = signed.visit(minutes=35)
    await signed.sync()
    arrival, opened = signed.phone.scan_body(
        signed.place.code, scan=str(await value("SELECT id FROM scan WHERE kind = 'arrival'"))
    )
    visit = uuid4()
    arrival |= {"work_order": None, "second_technician": None, "maintenance_class": ""}
    signed.phone.append("arrival", visit, arrival, opened)
    await signed.sync()
    assert first != visit
    return visit


# -- positions ---------------------------------------------------------------------------------------------------------------


async def feigned_position_without_error(signed: SignedPlace) -> UUID:
    both_scan(signed)
    signed.phone.accuracy_m = 0.0
    visit = signed.visit()
    await signed.sync()
    await signed.other_phone.sync(signed.second)
    return visit


async def position_that_never_moves(signed: SignedPlace) -> UUID:
    """An app feigns the place: to the last digit the same at every visit."""
    signed.phone.feigns_position = True
    _elevator, code = await signed.place.another_elevator()
    signed.phone.arrive(code)
    signed.phone.wait(minutes=1)
    await signed.phone.sync(signed.first)
    async with database.tx(SYSTEM):
        await database.execute("UPDATE visit SET state = 'abandoned', closed_reason = 'test'")
    visit = signed.visit()
    await signed.sync()
    return visit


async def stale_position(signed: SignedPlace) -> UUID:
    both_scan(signed)
    signed.phone.fix_age_s = 6 * 3600
    visit = signed.visit()
    await signed.sync()
    await signed.other_phone.sync(signed.second)
    return visit


async def position_changed_after_signing(signed: SignedPlace) -> UUID:
    visit = signed.visit()
    changed = [one | {"position": one["position"] | {"lat_e7": 0}} if "position" in one else one for one in signed.phone.queue]
    await signed.phone.send(signed.first, changed)
    return visit


# -- photos ------------------------------------------------------------------------------------------------------------------


async def with_photo(signed: SignedPlace, content: bytes, *, send: bool = True, **values: Any) -> UUID:
    both_scan(signed)
    visit = signed.phone.arrive(signed.place.code)
    signed.phone.wait(minutes=45)
    photo = signed.phone.photograph(1, **values)
    photo = pictures.declared(content, id=photo.id, taken_at_ms=photo.taken_at_ms, **values)
    signed.phone.files = {photo.id: content} if send else {}
    signed.phone.work(visit, answers=in_order(signed.items), photos=[photo])
    signed.phone.depart(visit, signed.place.code)
    await signed.sync()
    await signed.other_phone.sync(signed.second)
    return visit


async def earlier_photo(signed: SignedPlace) -> bytes:
    """A photo of an earlier visit elsewhere."""
    _elevator, code = await signed.place.another_elevator()
    content = pictures.photo_file(1)
    visit = signed.other_phone.arrive(code)
    photo = pictures.declared(content)
    signed.other_phone.files[photo.id] = content
    signed.other_phone.work(visit, photos=[photo])
    await signed.other_phone.sync(signed.second)
    async with database.tx(SYSTEM):
        await database.execute("UPDATE visit SET state = 'abandoned', closed_reason = 'test'")
    return content


async def reused_photo(signed: SignedPlace) -> UUID:
    return await with_photo(signed, await earlier_photo(signed))


async def reused_photo_compressed_anew(signed: SignedPlace) -> UUID:
    await earlier_photo(signed)
    return await with_photo(signed, pictures.file_of(pictures.picture(1).resize((192, 144)), "JPEG", quality=55))


async def photo_that_never_comes(signed: SignedPlace) -> UUID:
    return await with_photo(signed, pictures.photo_file(5), send=False)


async def photo_from_the_gallery(signed: SignedPlace) -> UUID:
    return await with_photo(signed, pictures.photo_file(5), source="gallery")


# -- two places at once ------------------------------------------------------------------------------------------------------


async def two_sites_at_once(signed: SignedPlace) -> UUID:
    far = await signed.place.factory.site(signed.place.firm, **FAR_SITE)
    _elevator, code = await signed.place.another_elevator(site=far)
    visit = signed.phone.arrive(signed.place.code)
    signed.phone.wait(minutes=20)
    signed.phone.arrive(code)
    signed.phone.wait(minutes=25)
    signed.phone.work(visit, answers=in_order(signed.items))
    signed.phone.depart(visit, signed.place.code)
    await signed.sync()
    return visit


async def quicker_than_any_train(signed: SignedPlace) -> UUID:
    far = await signed.place.factory.site(signed.place.firm, **FAR_SITE)
    _elevator, code = await signed.place.another_elevator(site=far)
    signed.phone.place = (FAR_SITE["lat"], FAR_SITE["lon"])
    first = signed.phone.arrive(code)
    signed.phone.wait(minutes=5)
    signed.phone.work(first, answers=in_order(signed.items))
    signed.phone.depart(first, code)
    signed.phone.wait(minutes=4)
    signed.phone.place = (28.6764, 121.4208)
    visit = signed.visit(minutes=40)
    await signed.sync()
    return visit


# -- what a second look found ------------------------------------------------------------------------------------------------


async def second_phone_of_the_same_technician_far_away(signed: SignedPlace) -> UUID:
    """One phone is lent to somebody at the elevator; its owner scans a picture of the label at home with another one."""
    assert signed.place.technician.technician is not None
    another = SoftPhone(at=signed.phone.at)
    await signed.enrol(another, signed.first, signed.place.technician.technician)
    both_scan(signed)
    visit = signed.visit()
    await signed.sync()
    await signed.other_phone.sync(signed.second)
    another.place = AT_HOME
    another.wait(minutes=20)
    another.arrive(signed.place.code)
    await another.sync(signed.first)
    return visit


async def zone_scanned_at_home(signed: SignedPlace) -> UUID:
    both_scan(signed)
    visit = signed.phone.arrive(signed.place.code)
    signed.phone.wait(minutes=20)
    there, signed.phone.place = signed.phone.place, AT_HOME
    signed.phone.scan_zone(visit, signed.place.code, "pit")
    signed.phone.place = there
    signed.phone.wait(minutes=25)
    signed.phone.work(visit, answers=in_order(signed.items))
    signed.phone.depart(visit, signed.place.code)
    await signed.sync()
    await signed.other_phone.sync(signed.second)
    return visit


async def monotonic_clock_of_millennia(signed: SignedPlace) -> UUID:
    """One entry claims that the phone runs since the Stone Age: all entries before it would be as old."""
    visit = signed.visit()
    body, opened = signed.phone.scan_body(signed.place.code)
    clock_reading = {"session": str(signed.phone.session), "mono_ms": 2**53 - 1}
    signed.phone.append("zone", visit, body | {"zone": "pit"}, opened, clock=clock_reading)
    await signed.sync()
    return visit


async def envelopes_that_are_none(signed: SignedPlace) -> UUID:
    """One spoiled envelope neither holds up the queue nor goes unnoticed, and its place is not kept."""
    visit = signed.visit()
    arrival, *rest = signed.phone.queue
    place = arrival["position"]
    spoiled: list[Any] = [
        None, 7, [], "x", {}, {"payload": 1}, {"payload": arrival["payload"]}, arrival | {"extra": 1},
        arrival | {"position": []}, arrival | {"position": place | {"accuracy_dm": -1}},
        arrival | {"position": place | {"lat_e7": str(place["lat_e7"])}},
        arrival | {"payload": "A" * 400_000}, arrival | {"signature": "A" * 1_000},
    ]  # fmt: skip
    answer = await signed.phone.send(signed.first, [*spoiled, *rest])
    assert answer.status_code == 200, answer.text
    assert [one["state"] for one in answer.json()["results"]] == ["refused"] * len(spoiled) + ["kept"] * len(rest)
    kept = await value("SELECT string_agg(encode(content, 'escape'), '') FROM chain_refusal")
    assert str(place["lat_e7"]) not in kept
    return visit


ATTACKS = [
    Attack(honest, "B", "visit.finished"),
    Attack(double_submit, "B", "visit.finished"),
    Attack(forged_code, None, "entry.held"),
    Attack(invented_code, None, "entry.held"),
    Attack(truncated_code, None, "entry.held"),
    Attack(foreign_code, None, "entry.held"),
    Attack(code_with_strange_characters, None, "entry.held"),
    Attack(revoked_label, None, "entry.held"),
    Attack(revoked_label_taken_by_hand, "D", "entry.taken_by_hand"),
    Attack(departure_at_another_elevator, None, "entry.held"),
    Attack(photographed_label_at_home, "D", "visit.finished"),
    Attack(photographed_label_without_position, "B", "visit.finished"),
    Attack(typed_code, "C", "visit.finished"),
    Attack(code_from_the_gallery, "C", "visit.finished"),
    Attack(same_label_in_two_places, "D", "visit.graded"),
    Attack(another_key, None, "phone.entries_refused"),
    Attack(no_signature, None, "phone.entries_refused"),
    Attack(stolen_session_without_invitation, None, "phone.invite_refused"),
    Attack(another_technician_s_session, None, "phone.other_session"),
    Attack(another_phone_s_entries, None, "phone.entries_refused"),
    Attack(revoked_phone, None, "phone.sent_after_revocation"),
    Attack(revoked_phone_taken_by_hand, "D", "entry.taken_by_hand"),
    Attack(first_technician_as_the_second, "C", "entry.held"),
    Attack(clock_set_back_by_days, "D", "visit.finished"),
    Attack(clock_set_back_by_a_year_and_restarted, "D", "visit.finished"),
    Attack(clock_set_ahead, "C", "visit.finished"),
    Attack(arrival_dated_back, "D", "visit.finished"),
    Attack(five_minutes_on_site, "C", "visit.finished"),
    Attack(clock_at_the_end_of_time, None, "entry.held"),
    Attack(feigned_server_time, "C", "phone.beacon_refused"),
    Attack(cut_chain, None, "phone.chain_cut"),
    Attack(cut_chain_taken_by_hand, "D", "entry.taken_by_hand"),
    Attack(reordered_chain, "D", "visit.finished"),
    Attack(forked_chain, "D", "phone.chain_forked"),
    Attack(chain_of_another_visit, None, "entry.held"),
    Attack(feigned_position_without_error, "C", "visit.finished"),
    Attack(position_that_never_moves, "C", "visit.finished"),
    Attack(stale_position, "C", "visit.finished"),
    Attack(position_changed_after_signing, None, "phone.entries_refused"),
    Attack(reused_photo, "D", "photo.repeats"),
    Attack(reused_photo_compressed_anew, "D", "photo.repeats"),
    Attack(photo_that_never_comes, "B", "visit.finished"),
    Attack(photo_from_the_gallery, "C", "visit.finished"),
    Attack(two_sites_at_once, "D", "visit.finished"),
    Attack(quicker_than_any_train, "D", "visit.finished"),
    Attack(second_phone_of_the_same_technician_far_away, "D", "label.seen_twice"),
    Attack(zone_scanned_at_home, "C", "visit.finished"),
    Attack(monotonic_clock_of_millennia, None, "entry.held"),
    Attack(envelopes_that_are_none, None, "phone.entries_refused"),
]


def watch(client: httpx.AsyncClient, broken: list[str]) -> None:
    """Note answers that no attack may cause."""

    async def note(answer: httpx.Response) -> None:
        if answer.status_code >= 500:
            broken.append(f"{answer.request.method} {answer.request.url.path}: {answer.status_code}")

    client.event_hooks["response"].append(note)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.do.__name__)
async def test_no_attack_gets_above_what_it_deserves(signed: SignedPlace, attack: Attack) -> None:
    broken: list[str] = []
    for client in (signed.first, signed.second, signed.manager):
        watch(client, broken)
    visit = await attack.do(signed)
    assert broken == []
    assert await audited(attack.audited) >= 1
    finished = await value("SELECT count(*) FROM visit WHERE id = $1 AND state = 'finished'", visit)
    assert finished == (attack.highest is not None)
    if attack.highest is not None:
        summary = (await signed.manager.get(f"/api/v1/visits/{visit}")).json()["summary"]
        assert summary["grade"] >= attack.highest, summary  # A is the best
        assert attack.do is not honest or summary["grade"] == attack.highest
        if summary["grade"] == "D":
            assert summary["review"] == "waiting"
            assert await value("SELECT held_back FROM visit WHERE id = $1", visit)
