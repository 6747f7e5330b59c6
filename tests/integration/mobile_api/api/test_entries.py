"""Over HTTP: what a phone signed without a signal becomes one visit, in whatever order and however often it is sent."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from backend import clock, database, keyfile
from backend.confirmations import codes
from backend.confirmations import service as confirmations
from backend.confirmations.views import State
from backend.labels import service as labels
from backend.scope import SYSTEM, Role
from backend.settings import Settings
from backend.visits.intake import entries as intake
from qr.base64url import to_base64url
from qr.chain import handover
from qr.chain.envelope import Envelope
from qr.chain.times import milliseconds
from tests.support import pictures
from tests.support.factory import Factory
from tests.support.http import Site
from tests.support.phone import SoftPhone, answer, in_order, part
from tests.support.signed import SignedPlace, audited, states
from tests.support.visits import ZONE, Workplace, value

THREE = [("arrival", "applied"), ("work", "applied"), ("departure", "applied")]


@pytest.fixture
async def signed(factory: Factory, http: Site, settings: Settings) -> SignedPlace:
    """Two technicians with phones at an elevator."""
    return await SignedPlace.open(await Workplace.open(factory, keyfile.label_keys(settings)), http)


async def test_a_visit_without_a_signal_becomes_one_record(signed: SignedPlace) -> None:
    visit = signed.visit()
    results = await signed.sync()
    assert [result["state"] for result in results] == ["applied"] * 3
    assert [result["visit"] for result in results] == [str(visit)] * 3
    assert results[-1]["outcome"]["visit"] == str(visit)
    record = (await signed.manager.get(f"/api/v1/visits/{visit}/records/1")).json()
    assert record["intact"]
    assert [scan["kind"] for scan in record["body"]["scans"]] == ["arrival", "departure"]
    assert await value("SELECT count(*) FROM visit_record") == 1
    minutes = await value("SELECT extract(epoch FROM departed_at - arrived_at) / 60 FROM visit")
    assert round(minutes) == 45


async def test_sent_again_it_is_the_same_and_says_the_same(signed: SignedPlace) -> None:
    signed.visit()
    queue = list(signed.phone.queue)
    first = await signed.sync()
    again = (await signed.phone.send(signed.first, queue)).json()
    assert [result["state"] for result in again["results"]] == ["duplicate"] * 3
    assert again["results"][-1]["outcome"] == first[-1]["outcome"]
    assert again["head"]["seq"] == 3
    assert await value("SELECT count(*) FROM visit") == 1
    assert await value("SELECT count(*) FROM visit_record") == 1


async def test_two_tabs_that_send_at_once_make_one_visit(signed: SignedPlace) -> None:
    visit = signed.visit()
    queue = list(signed.phone.queue)
    answers = await asyncio.gather(*(signed.phone.send(signed.first, queue) for _ in range(4)))
    assert {one.status_code for one in answers} == {200}
    assert await states(visit) == THREE
    assert await value("SELECT count(*) FROM visit_record") == 1


async def test_a_server_killed_between_keeping_and_applying_loses_nothing(
    signed: SignedPlace, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = signed.visit()
    queue = list(signed.phone.queue)

    async def killed(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(intake, "go_on", killed)
        ring, keys = keyfile.label_keys(settings), keyfile.beacon_keys(settings)
        envelopes = [Envelope(**one | {"position": None}) for one in queue]
        with pytest.raises(SystemExit):
            await intake.take(
                signed.place.technician, ring, signed.phone.id, envelopes, beacon_keys=keys, known=keys.public
            )  # fmt: skip
    assert await states(visit) == [(kind, "waiting") for kind, _ in THREE]
    with clock.stopped_at(clock.now() + timedelta(minutes=5)):
        assert await intake.go_on_with_stuck(keyfile.label_keys(settings)) == 3
    assert await states(visit) == THREE
    again = (await signed.phone.send(signed.first, queue)).json()["results"]
    assert [result["state"] for result in again] == ["duplicate"] * 3


async def test_a_departure_with_open_items_waits_for_them(signed: SignedPlace) -> None:
    phone, code = signed.phone, signed.place.code
    visit = phone.arrive(code)
    phone.wait(minutes=40)
    phone.work(visit, answers=in_order(signed.items[:-1]))
    phone.depart(visit, code)
    departure = (await signed.sync())[-1]
    assert (departure["state"], [fault["path"] for fault in departure["faults"]]) == ("held", [f"items.{signed.items[-1]}"])
    assert departure["faults"][0]["reason_zh"] != departure["faults"][0]["reason_en"]
    managers = await value("SELECT count(*) FROM account WHERE role = 'manager'")
    assert await value("SELECT count(*) FROM message WHERE kind = 'held'") == managers  # each once
    listed = (await signed.first.get(f"/api/v1/phones/{phone.id}/entries/held")).json()["rows"]
    assert [(row["kind"], row["state"]) for row in listed] == [("departure", "held")]
    phone.work(visit, answers=in_order(signed.items[-1:]))
    assert [result["state"] for result in await signed.sync()] == ["applied"]
    assert ("departure", "applied") in await states(visit)
    assert await value("SELECT count(*) FROM visit_record") == 1
    assert (await signed.first.get(f"/api/v1/phones/{phone.id}/entries/held")).json()["rows"] == []


async def test_a_faulty_answer_is_put_right_by_a_later_one_and_never_undoes_it(signed: SignedPlace) -> None:
    phone, item = signed.phone, signed.items[0]
    visit = phone.arrive(signed.place.code)
    phone.work(visit, answers=[answer(item, "not_applicable"), *in_order(signed.items[1:])])  # without saying why
    phone.wait(minutes=40)
    first = await signed.sync()
    assert [result["state"] for result in first] == ["applied", "held"]
    assert first[1]["faults"][0]["path"] == "answers[0].note"
    phone.depart(visit, signed.place.code)
    assert (await signed.sync())[0]["state"] == "held"
    phone.work(visit, answers=[answer(item, "adjusted", note="cleaned")])
    await signed.sync()
    assert await states(visit) == [("arrival", "applied"), ("work", "applied"), ("departure", "applied"), ("work", "applied")]
    record = (await signed.manager.get(f"/api/v1/visits/{visit}/records/1")).json()["body"]
    assert next(one["result"] for one in record["items"] if one["item"] == item) == "adjusted"


async def test_an_elevator_with_another_open_visit_holds_only_this_visit(signed: SignedPlace) -> None:
    place, phone = signed.place, signed.phone
    other = signed.second
    opened = await other.post("/api/v1/visits", json={"id": str(uuid4()), "scan": {
        "id": str(uuid4()), "code": place.code, "at": (clock.now() - timedelta(minutes=90)).isoformat()}})  # fmt: skip
    assert opened.status_code == 201, opened.text
    visit = signed.visit(second=False)
    _elevator, code = await place.another_elevator()
    next_visit = phone.arrive(code)
    results = await signed.sync()
    assert [result["state"] for result in results] == ["held"] * 3 + ["applied"]
    assert "open visit" in results[0]["reason_en"]
    assert await value("SELECT state FROM visit WHERE id = $1", next_visit) == "open"
    assert await audited("entry.held") == 3
    abandoned = await signed.manager.post(
        f"/api/v1/visits/{opened.json()['summary']['id']}/abandon", json={"reason": "forgotten"}
    )
    assert abandoned.status_code == 200
    (arrival, *_rest) = (await signed.manager.get("/api/v1/entries/held")).json()["rows"]
    done = await signed.manager.post(f"/api/v1/entries/{arrival['id']}/retry")
    assert (done.status_code, done.json()["state"]) == (200, "applied")
    assert await states(visit) == THREE


async def test_the_second_technician_s_own_scans_find_the_visit_whoever_sends_first(signed: SignedPlace) -> None:
    other, code = signed.other_phone, signed.place.code
    other.wait(minutes=3)
    other.join(code)
    other.wait(minutes=41)
    other.leave(code)
    early = await other.sync(signed.second)
    assert [result["state"] for result in early] == ["held", "held"]
    visit = signed.visit(second=False)
    await signed.sync()
    assert await states(visit) == [*THREE, ("join", "applied"), ("leave", "applied")] or await states(visit) == [
        ("join", "applied"), ("leave", "applied"), *THREE,
    ]  # fmt: skip
    kinds = await value("SELECT array_agg(kind ORDER BY at) FROM scan WHERE visit = $1", visit)
    assert sorted(kinds) == ["arrival", "departure", "join", "leave"]
    assert (await other.sync(signed.second)) == []


async def test_a_second_technician_who_joins_an_open_visit_is_named(signed: SignedPlace) -> None:
    visit = signed.phone.arrive(signed.place.code)
    await signed.sync()
    signed.other_phone.wait(minutes=2)
    signed.other_phone.join(signed.place.code)
    (joined,) = await signed.other_phone.sync(signed.second)
    assert (joined["state"], joined["visit"]) == ("applied", str(visit))
    assert await value("SELECT second_technician FROM visit") == signed.place.second.technician


async def test_zone_scans_belong_to_the_visit(signed: SignedPlace) -> None:
    phone, code = signed.phone, signed.place.code
    visit = phone.arrive(code)
    for zone in ("machine_room", "car_top", "pit"):
        phone.wait(minutes=10)
        phone.scan_zone(visit, code, zone)
    phone.work(visit, answers=in_order(signed.items))
    phone.depart(visit, code)
    assert {result["state"] for result in await signed.sync()} == {"applied"}
    shown = (await signed.manager.get(f"/api/v1/visits/{visit}")).json()["scans"]
    assert [scan["zone"] for scan in shown] == ["", "", "machine_room", "car_top", "pit"]


async def test_a_zone_label_of_another_elevator_is_held(signed: SignedPlace) -> None:
    _elevator, code = await signed.place.another_elevator()
    visit = signed.phone.arrive(signed.place.code)
    signed.phone.scan_zone(visit, code, "pit")
    assert [result["state"] for result in await signed.sync()] == ["applied", "held"]


async def test_parts_and_photos_are_in_the_record_and_a_serial_fitted_elsewhere_shows(signed: SignedPlace) -> None:
    phone, place = signed.phone, signed.place
    _elevator, other_code = await place.another_elevator()
    for code in (place.code, other_code):
        before, after = phone.photograph(1 if code == place.code else 3, use="part_before"), phone.photograph(
            2 if code == place.code else 4, use="part_after"
        )  # fmt: skip
        visit = phone.arrive(code)
        phone.wait(minutes=20)
        phone.work(
            visit, answers=in_order(signed.items), photos=[before, after],
            parts=[part(serial_fitted="SN-1", photo_before=str(before.id), photo_after=str(after.id))],
        )  # fmt: skip
        phone.depart(visit, code)
    assert {result["state"] for result in await signed.sync()} == {"applied"}
    body = (await signed.manager.get(f"/api/v1/visits/{visit}/records/1")).json()["body"]
    assert [one["serial_fitted"] for one in body["parts"]] == ["SN-1"]
    assert {one["sha256"] for one in body["photos"]} == {before.sha256, after.sha256}
    assert await audited("part.serial_elsewhere") == 1
    kept = await signed.manager.get(f"/api/v1/photos/{after.id}")
    assert (kept.status_code, kept.headers["content-type"]) == (200, "image/jpeg")


async def test_a_correction_keeps_parts_and_photos(signed: SignedPlace) -> None:
    photo = signed.phone.photograph(1)
    visit = signed.phone.arrive(signed.place.code)
    signed.phone.wait(minutes=40)
    signed.phone.work(visit, answers=in_order(signed.items), parts=[part(serial_fitted="SN-2")], photos=[photo])
    signed.phone.depart(visit, signed.place.code)
    await signed.sync()
    corrected = await signed.manager.post(f"/api/v1/visits/{visit}/corrections", json={
        "version": 1, "reason": "wrong item", "items": [{"item": signed.items[0], "result": "adjusted"}]})  # fmt: skip
    assert corrected.status_code == 201, corrected.text
    body = corrected.json()["body"]
    assert ([one["serial_fitted"] for one in body["parts"]], len(body["photos"])) == (["SN-2"], 1)


async def test_a_stop_given_to_another_crew_meanwhile_is_told_to_both(signed: SignedPlace) -> None:
    place = signed.place
    other = await place.person(Role.TECHNICIAN)
    (order,) = await place.publish(day=clock.local_date(signed.phone.at, ZONE), members=[other])
    signed.visit(second=False, work_order=order)
    arrival = (await signed.sync())[0]
    assert arrival["state"] == "applied"
    assert "crew" in arrival["reason_en"]
    assert arrival["reason_zh"] != arrival["reason_en"]
    assert await audited("visit.order_moved") == 1
    assert await value("SELECT count(*) FROM message WHERE account = $1", other.account) == 1
    assert await value("SELECT state FROM work_order WHERE id = $1", order) == "done"


async def test_what_a_revoked_phone_sends_waits_for_a_manager(signed: SignedPlace) -> None:
    visit = signed.visit()
    revoked = await signed.manager.post(f"/api/v1/phones/{signed.phone.id}/revoke", json={"reason": "lost"})
    assert revoked.status_code == 200, revoked.text
    await signed.sign_in_again()
    assert [result["state"] for result in await signed.sync()] == ["kept"] * 3
    assert await value("SELECT count(*) FROM visit") == 0
    rows = (await signed.manager.get("/api/v1/entries/held")).json()["rows"]
    done = await signed.manager.post(f"/api/v1/entries/{rows[0]['id']}/take-by-hand", json={"reason": "found again"})
    assert (done.status_code, done.json()["state"]) == (200, "applied")
    assert await states(visit) == THREE
    assert await audited("entry.taken_by_hand") == 1
    summary = (await signed.manager.get(f"/api/v1/visits/{visit}")).json()["summary"]
    assert (summary["grade"], summary["review"]) == ("D", "waiting")


async def test_entries_behind_a_gap_count_once_it_is_filled(signed: SignedPlace) -> None:
    visit = signed.visit()
    arrival, work, departure = signed.phone.queue
    cut = (await signed.phone.send(signed.first, [work, departure])).json()
    assert [result["state"] for result in cut["results"]] == ["kept", "kept"]
    assert cut["head"]["seq"] == 0
    whole = (await signed.phone.send(signed.first, [arrival])).json()
    assert [result["state"] for result in whole["results"]] == ["applied"]
    assert await states(visit) == THREE


async def test_entries_of_one_upload_may_come_in_any_order(signed: SignedPlace) -> None:
    visit = signed.visit()
    sent = await signed.phone.send(signed.first, signed.phone.queue[::-1])
    assert [(one["seq"], one["state"]) for one in sent.json()["results"]] == [(3, "applied"), (2, "applied"), (1, "applied")]
    assert await states(visit) == THREE


@pytest.mark.parametrize(("shown", "kept", "serves"), [("half_month", "half_month", False), ("year", "year", True)])
async def test_the_class_that_the_phone_showed_is_the_class_that_was_done(
    signed: SignedPlace, shown: str, kept: str, serves: bool
) -> None:
    (order,) = await signed.place.publish(day=clock.local_date(signed.phone.at, ZONE))
    async with database.tx(SYSTEM):
        await database.execute("UPDATE work_order SET maintenance_class = 'quarter' WHERE id = $1", order)
    signed.phone.arrive(signed.place.code, work_order=order, maintenance_class=shown)
    (arrival,) = await signed.sync()
    assert await value("SELECT maintenance_class FROM visit") == kept
    assert ("stays to be done" in arrival["reason_en"]) is not serves
    assert (await value("SELECT work_order FROM visit") == order) is serves


async def test_a_label_that_ended_after_the_scan_was_good_when_it_was_scanned(signed: SignedPlace) -> None:
    visit = signed.visit()
    label = await value("SELECT id FROM label")
    await labels.revoke(signed.place.manager, signed.place.ring, label, "scratched")
    assert [result["state"] for result in await signed.sync()] == ["applied"] * 3
    assert await states(visit) == THREE


async def test_a_label_that_had_ended_is_held_until_a_manager_takes_it(signed: SignedPlace) -> None:
    label = await value("SELECT id FROM label")
    with clock.stopped_at(signed.phone.at - timedelta(minutes=1)):
        await labels.revoke(signed.place.manager, signed.place.ring, label, "stolen")
    visit = signed.visit()
    results = await signed.sync()
    assert [result["state"] for result in results] == ["held"] * 3
    assert "revoked" in results[0]["reason_en"]
    rows = (await signed.manager.get("/api/v1/entries/held")).json()["rows"]
    assert rows[0]["registration_code"]
    done = await signed.manager.post(
        f"/api/v1/entries/{rows[0]['id']}/take-by-hand", json={"reason": "the old label still hangs"}
    )
    assert done.json()["state"] == "applied"
    assert await states(visit) == THREE
    assert (await signed.manager.get(f"/api/v1/visits/{visit}")).json()["summary"]["grade"] == "D"


async def test_what_the_office_leaves_out_lets_the_departure_pass_and_can_be_taken_back(signed: SignedPlace) -> None:
    phone = signed.phone
    visit = phone.arrive(signed.place.code)
    phone.wait(minutes=40)
    phone.work(visit, answers=in_order(signed.items))
    phone.find(visit, severity="stop_use")  # names no condition
    phone.depart(visit, signed.place.code)
    assert [result["state"] for result in await signed.sync()] == ["applied", "applied", "held", "held"]
    finding = next(row for row in (await signed.manager.get("/api/v1/entries/held")).json()["rows"] if row["kind"] == "finding")
    without = await signed.manager.post(f"/api/v1/entries/{finding['id']}/settle", json={"reason": " "})
    assert without.status_code == 400
    settled = await signed.manager.post(f"/api/v1/entries/{finding['id']}/settle", json={"reason": "no hazard, called back"})
    assert (settled.status_code, settled.json()["state"]) == (200, "settled")
    assert ("departure", "applied") in await states(visit)
    held = f"/api/v1/phones/{phone.id}/entries/held"
    assert (await signed.first.get(held)).json()["rows"] == []
    [out] = (await signed.first.get(held, params={"settled": True})).json()["rows"]
    assert (out["state"], out["settled_reason"]) == ("settled", "no hazard, called back")
    back = await signed.manager.post(f"/api/v1/entries/{finding['id']}/take-back")
    assert back.json()["state"] == "held"


async def test_another_technician_s_session_does_not_speak_for_a_phone(signed: SignedPlace) -> None:
    signed.visit()
    sent = await signed.phone.send(signed.second, signed.phone.queue)
    assert sent.status_code == 403
    assert await audited("phone.other_session") == 1
    assert await value("SELECT count(*) FROM chain_entry") == 0


async def test_a_second_technician_who_may_not_work_is_left_out_and_told(signed: SignedPlace) -> None:
    visit = signed.phone.arrive(signed.place.code, second=uuid4())
    (arrival,) = await signed.sync()
    assert (arrival["state"], [fault["path"] for fault in arrival["faults"]]) == ("applied", ["second_technician"])
    assert await value("SELECT second_technician FROM visit WHERE id = $1", visit) is None


async def test_more_entries_than_an_upload_may_have_are_refused_together(signed: SignedPlace) -> None:
    envelope = signed.phone.envelope(b"{}")
    sent = await signed.phone.send(signed.first, [envelope] * 201)
    assert sent.status_code == 400


async def test_a_hand_over_file_is_taken_like_an_upload(signed: SignedPlace, settings: Settings) -> None:
    photo = signed.phone.photograph(1)
    visit = signed.phone.arrive(signed.place.code)
    signed.phone.wait(minutes=40)
    signed.phone.work(visit, answers=in_order(signed.items), photos=[photo])
    signed.phone.depart(visit, signed.place.code)
    file = handover.HandoverFile(
        format="liftrounds-handover/1", phone=signed.phone.id, made_at_ms=milliseconds(clock.now()), part=1, parts=1,
        entries=[Envelope(payload=one["payload"], signature=one["signature"]) for one in signed.phone.queue],
        photos=[handover.HandoverPhoto(id=photo.id, sha256=photo.sha256, type="image/jpeg",
                                       data=phones_base64(signed.phone.files[photo.id]))],
    )  # fmt: skip
    content = handover.encrypt(file, handover.public_jwk(keyfile.handover_keys(settings)))
    done = await signed.manager.post("/api/v1/phones/handover", content=content)
    assert done.status_code == 200, done.text
    assert [result["state"] for result in done.json()["results"]] == ["applied"] * 3
    assert (done.json()["photos_kept"], done.json()["photos_refused"]) == (1, [])
    assert await states(visit) == THREE
    damaged = await signed.manager.post("/api/v1/phones/handover", content=content[:-20] + "A" * 20)
    assert damaged.status_code == 400
    refused = await signed.first.post("/api/v1/phones/handover", content=content)
    assert refused.status_code == 403


def phones_base64(content: bytes) -> str:
    return to_base64url(content)


async def test_a_photo_waits_for_nothing_and_is_refused_when_it_is_another(signed: SignedPlace) -> None:
    photo = signed.phone.photograph(1)
    visit = signed.phone.arrive(signed.place.code)
    signed.phone.work(visit, photos=[photo])
    await signed.phone.send(signed.first, signed.phone.queue)
    wrong = await signed.first.put(f"/api/v1/photos/{photo.id}", content=pictures.photo_file(2))
    assert (wrong.status_code, wrong.json()["faults"][0]["path"]) == (400, "sha256")
    assert (await signed.first.put(f"/api/v1/photos/{photo.id}", content=b"")).status_code == 400
    right = await signed.first.put(f"/api/v1/photos/{photo.id}", content=signed.phone.files[photo.id])
    assert (right.status_code, right.json()["visit"]) == (200, str(visit))


async def test_the_day_carries_a_server_time_and_no_whole_code(signed: SignedPlace) -> None:
    await signed.place.publish(day=clock.today(ZONE))
    day = await signed.first.get("/api/v1/day")
    (stop,) = day.json()["stops"]
    assert [label["id"] for label in stop["elevator"]["labels"]] == [signed.place.code[:8]]
    assert signed.place.code not in day.text
    assert stop["expected_s"] == 2100
    assert day.json()["beacon"]
    again = await signed.first.get("/api/v1/day", headers={"If-None-Match": day.headers["etag"]})
    assert again.status_code == 304


async def test_a_phone_knows_the_labels_around_its_round(signed: SignedPlace) -> None:
    await signed.place.publish(day=clock.today(ZONE) + timedelta(days=3))
    neighbour, code = await signed.place.another_elevator(unit_name="car 2")
    far = await signed.place.factory.site(signed.place.firm, lat=31.2, lon=121.5)
    _away, far_code = await signed.place.another_elevator(site=far)
    found = await signed.first.get("/api/v1/phone/labels")
    ids = {row["id"]: row["elevator"] for row in found.json()["rows"]}
    assert ids.keys() == {signed.place.code[:8], code[:8]}
    assert ids[code[:8]] == str(neighbour)
    assert far_code[:8] not in ids
    again = await signed.first.get("/api/v1/phone/labels", headers={"If-None-Match": found.headers["etag"]})
    assert again.status_code == 304


async def test_an_unknown_phone_is_not_there(signed: SignedPlace) -> None:
    stranger = SoftPhone()
    stranger.id = UUID(int=1)
    assert (await stranger.send(signed.first, [])).status_code == 404
    assert (await signed.first.get(f"/api/v1/phones/{signed.other_phone.id}/entries/held")).status_code == 404


async def test_the_owners_code_that_the_phone_made_opens_the_visit_once_its_departure_is_applied(
    signed: SignedPlace, settings: Settings
) -> None:
    code, phone = codes.new_code(), signed.phone
    visit = phone.arrive(signed.place.code)
    phone.wait(minutes=40)
    phone.work(visit, answers=in_order(signed.items))
    phone.depart(visit, signed.place.code, owner_code_sha256=codes.sha256_of(code))
    assert (await confirmations.opened(settings, code, [])).state is State.UNKNOWN
    queue = list(phone.queue)
    await signed.sync()
    await phone.send(signed.first, queue)  # the answer was lost
    opened = await confirmations.opened(settings, code, [])
    assert opened.visit is not None
    assert opened.visit.visit == visit
    assert await value("SELECT array_agg(made_by) FROM owner_code") == ["phone"]
