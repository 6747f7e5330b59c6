"""The technician's app where light, signal, room or a working camera are missing, and where two people share a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Playwright, expect, sync_playwright

from tests.support import phone_stubs
from tests.support.browser_phone import BrowserPhone
from tests.support.installation import installed, must, wait_for
from tests.support.phone_looks import grade_of, order_of, parts_of, picture_of, scans, zone_label
from tests.support.phone_work import ITEMS, MEASURED, answer_by_hand, answer_by_zone, photograph, scan_in, scan_out
from tests.support.small_firm import AT_SITE, PASSWORD, SmallFirm
from tests.support.technician_app import built

DARK, BLIND, NATIVE, ZONES, PARTS, STOPPED, SHARED, FULL, HOUR, HALF, HANDED = range(11)
"""Which elevator is each story's."""

HOUR_DOWN = timedelta(hours=1)
BALLAST_BYTES = 4 * 2**20
"""What the app keeps in hand for scans and answers."""

_phones = count()


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Starts browsers."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def firm() -> Iterator[SmallFirm]:
    """A firm with an elevator for each story."""
    built()
    with installed() as site:
        yield SmallFirm(site, elevators=HANDED + 1)


NewPhone = Callable[..., BrowserPhone]


@pytest.fixture
def new_phone(playwright: Playwright, firm: SmallFirm) -> Iterator[NewPhone]:
    """Makes enrolled phones with the day and the app on them; `script` is what the browser has besides."""
    made: list[BrowserPhone] = []

    def make(person: int = 0, script: str = "", **options: Any) -> BrowserPhone:
        phone = BrowserPhone(playwright, firm.site.folder / f"shaft-{next(_phones)}", firm.site.base_url, AT_SITE)
        phone.open(**options)
        made.append(phone)
        phone.context.add_init_script(script)
        phone.sign_in(f"technician-{person + 1}", PASSWORD)
        phone.enrol(firm.invite(person))
        phone.is_ready_offline()
        phone.go()
        wait_for(lambda: len(phone.kept("days")) == 1)
        return phone

    yield make
    for phone in made:
        phone.close()


def test_the_lamp_lights_label_and_photo(new_phone: NewPhone, firm: SmallFirm) -> None:
    """Where the camera has a lamp, the scanner and the photos have its switch."""
    phone = new_phone(script=phone_stubs.LAMP)
    phone.go("scan")
    lamp = phone.page.locator(".viewfinder-bar button[aria-pressed]")
    lamp.click()
    phone.page.locator(".viewfinder-bar button[aria-pressed=true]").wait_for()
    lamp.click()
    assert phone.page.evaluate("window.lamp") == [True, False]
    visit = scan_in(phone, firm, DARK)
    phone.go(f"visits/{visit}/zones/LD")
    card = phone.page.locator(f"#{MEASURED}")
    card.locator("summary").click()
    card.locator(".photos > button").click()
    phone.page.locator("dialog.shutter button[aria-pressed=false]").click()
    phone.page.locator("dialog.shutter button[aria-pressed=true]").wait_for()


@pytest.mark.parametrize(
    ("name", "told"),
    [("NotAllowedError", "not allowed"), ("NotFoundError", "No camera"), ("NotReadableError", "Another program")],
)
def test_a_camera_that_cannot_be_had_says_why_and_shows_the_other_ways(new_phone: NewPhone, name: str, told: str) -> None:
    """Refused, missing and taken are told apart; the code can be typed without another tap."""
    phone = new_phone(script=phone_stubs.NO_CAMERA.format(name=name))
    phone.go("scan")
    expect(phone.page.locator("[role=alert]").first).to_contain_text(told)
    expect(phone.page.locator("#typed-code")).to_be_visible()


def test_without_a_camera_a_visit_is_weak_and_says_so(new_phone: NewPhone, firm: SmallFirm) -> None:
    """Typed in (a slip is told and does nothing), out by a picture of the gallery, a photo of a file: each is marked."""
    phone = new_phone(script=phone_stubs.NO_CAMERA.format(name="NotAllowedError"))
    phone.offline()
    phone.go(f"scan?order={order_of(phone, firm, BLIND)}")
    code = must(firm.manager.get("/api/v1/labels", params={"elevator": firm.elevators[BLIND]["id"]}))["rows"][0]["short_code"]
    slip = code[:3] + ("7" if code[3] != "7" else "8") + code[4:]
    field = phone.page.locator("#typed-code")
    field.fill(slip)
    field.press("Enter")
    expect(phone.page.locator("#typed-told")).to_contain_text("check character does not fit")
    field.fill(code[:9])
    expect(phone.page.locator("#typed-told")).to_contain_text("to go")
    assert scans(phone) == []
    field.fill(code.lower().replace("-", " ").replace("0", "o").replace("1", "l"))
    field.press("Enter")
    phone.page.wait_for_url("**/#/visits/*")
    visit = phone.page.url.rsplit("/", 1)[1]
    answer_by_zone(phone, visit)
    answer_by_hand(phone, visit, "7.5")
    card = phone.page.locator(f"#{MEASURED}")
    card.locator("summary").click()
    card.locator(".photos > button").click()
    phone.page.locator("dialog input[type=file]").set_input_files(picture_of(firm, BLIND))
    phone.page.get_by_text("The photo is kept").wait_for()
    phone.page.locator("dialog button").last.click()
    phone.go(f"scan?kind=departure&visit={visit}")
    phone.page.locator("#gallery").set_input_files(picture_of(firm, BLIND))
    phone.page.wait_for_url(f"**/#/visits/{visit}/owner")
    assert scans(phone) == [("arrival", "typed", ""), ("departure", "gallery", "")]
    assert [photo["declared"]["source"] for photo in phone.kept("photos")] == ["gallery"]
    phone.offline(False)
    phone.send()
    assert grade_of(firm, visit)["grade"] in "CD"


def test_the_browsers_own_reader_is_used_and_ours_where_it_fails(new_phone: NewPhone, firm: SmallFirm) -> None:
    """A reader that sees the label before a bare wall opens the visit; one that fails gives way to the one we bring along."""
    code = f"{firm.site.base_url}/e/{firm.labels[NATIVE]['code']}"
    phone = new_phone(script=phone_stubs.NATIVE.format(does=f"return [{{ rawValue: '{code}' }}];"))
    phone.go(f"scan?order={order_of(phone, firm, NATIVE)}")
    phone.page.wait_for_url("**/#/visits/*")
    visit = phone.page.url.rsplit("/", 1)[1]
    assert phone.page.evaluate("window.looks") > 0
    phone.context.add_init_script(phone_stubs.NATIVE.format(does="throw new Error('the service is gone');"))
    phone.go(f"scan?kind=zone&visit={visit}")
    phone.sees(firm.label_sheet(NATIVE))
    phone.page.reload()
    phone.page.get_by_text("Which zone's label is it?").wait_for()
    assert phone.page.evaluate("window.looks") == 1


def test_zones_and_the_second_technicians_own_scans_are_in_the_evidence(new_phone: NewPhone, firm: SmallFirm) -> None:
    """Machine room and car top are told, the pit's own label is read; the colleague joins and leaves with their own phone."""
    pit = zone_label(firm, ZONES, "pit")
    phone, other = new_phone(), new_phone(person=1)
    wait_for(lambda: any(isinstance(each, dict) and "rows" in each for each in phone.kept("singles")))
    phone.offline()
    phone.sees(pit)
    phone.go(f"scan?order={order_of(phone, firm, ZONES)}")
    phone.page.get_by_text("This is not the label in the car").wait_for()
    assert phone.kept("entries") == []
    phone.offline(False)
    visit = scan_in(phone, firm, ZONES)
    other.offline()
    other.sees(firm.label_sheet(ZONES))
    other.go("scan?kind=join")
    other.page.get_by_text("you are here as the second technician").wait_for()
    phone.offline()
    for zone in ("Machine room", "Car top"):
        phone.go(f"visits/{visit}")
        phone.page.locator("a[href*='kind=zone']").click()
        phone.page.get_by_role("button", name=zone).click()
        phone.page.wait_for_url(f"**/#/visits/{visit}")
    phone.sees(pit)
    phone.page.locator("a[href*='kind=zone']").click()
    phone.page.wait_for_url(f"**/#/visits/{visit}")
    phone.page.get_by_text("Machine room、Car top、Pit").wait_for()
    answer_by_zone(phone, visit)
    answer_by_hand(phone, visit, "7.5")
    other.go()
    other.page.locator("nav.tabs a[href='#/scan']").click()
    other.page.get_by_text("you have left").wait_for()
    phone.sees(firm.label_sheet(ZONES))
    scan_out(phone, visit)
    for each in (other, phone):
        each.offline(False)
        each.send()
    assert [scan[0] for scan in scans(other)] == ["join", "leave"]
    assert {entry["state"] for entry in other.kept("entries")} == {"applied"}
    checks = {check["name"]: check["outcome"] for check in grade_of(firm, visit)["checks"]}
    assert (checks["technicians"], checks["own_scans"]) == ("passed", "passed")
    assert {"zones", "zones_proven"} <= set(checks)
    assert checks["zones_proven"] == "passed"


def test_a_part_with_scanned_serial_and_photos_a_reason_and_dictation(new_phone: NewPhone, firm: SmallFirm) -> None:
    """What was fitted is on the record with its serial and both photos; an absent item has its reason; a note was spoken."""
    phone = new_phone(script=phone_stubs.EAR)
    visit = scan_in(phone, firm, PARTS)
    phone.offline()
    answer_by_zone(phone, visit)
    answer_by_hand(phone, visit, "7.5")
    phone.go(f"visits/{visit}/zones/MR")
    item = phone.page.locator("fieldset.item").first
    code = item.get_attribute("id")
    item.locator(".answer.not_applicable").click()
    item.get_by_role("button", name="Dictate").click()
    wait_for(lambda: item.locator("textarea").input_value() == "worn at the leading edge")
    phone.go(f"visits/{visit}/part?item={MEASURED}")
    phone.page.locator("#part-name").fill("Door shoe")
    for use in ("before", "after"):
        phone.page.get_by_role("button", name=use, exact=False).first.click()
        phone.page.locator("dialog button.primary:not([disabled])").click()
        phone.page.get_by_text("The photo is kept").wait_for()
        phone.page.locator("dialog button").last.click()
    phone.page.get_by_role("button", name="Scan it").last.click()
    wait_for(lambda: firm.labels[PARTS]["code"] in phone.page.locator("#part-fitted").input_value())
    phone.page.locator("form button[type=submit]").click()
    phone.page.wait_for_url(f"**/#/visits/{visit}")
    scan_out(phone, visit)
    phone.offline(False)
    phone.send()
    found = must(firm.manager.get(f"/api/v1/visits/{visit}"))
    [part] = parts_of(firm, visit)
    assert (part["name"], part["item"]) == ("Door shoe", MEASURED)
    assert firm.labels[PARTS]["code"] in part["serial_fitted"]
    uses = {photo["declared"]["use"]: photo["id"] for photo in phone.kept("photos")}
    assert (part["photo_before"], part["photo_after"]) == (uses["part_before"], uses["part_after"])
    notes = {answer["item"]: (answer["result"], answer["note"]) for answer in found["answers"]}
    assert notes[code or ""] == ("not_applicable", "worn at the leading edge")


def test_a_stop_use_condition_without_a_signal_stops_the_elevator_when_it_is_sent(new_phone: NewPhone, firm: SmallFirm) -> None:
    """A condition is chosen, not described; then the elevator is stopped, the notice drafted and the report due."""
    phone = new_phone()
    visit = scan_in(phone, firm, STOPPED)
    phone.offline()
    phone.go(f"visits/{visit}/finding")
    phone.page.locator(".weight.stop_use").first.click()
    phone.page.locator("form button[type=submit]").click()
    phone.page.get_by_text("Choose one of the conditions").wait_for()
    phone.page.locator("input[name=condition]").nth(1).check(force=True)
    phone.page.locator("form button[type=submit]").click()
    phone.page.get_by_text("must not be used").wait_for()
    phone.offline(False)
    phone.send()
    assert {entry["state"] for entry in phone.kept("entries")} == {"applied"}
    elevator = must(firm.manager.get(f"/api/v1/elevators/{firm.elevators[STOPPED]['id']}"))
    assert elevator["state"] == "stopped"
    [finding] = must(firm.manager.get(f"/api/v1/visits/{visit}"))["findings"]
    assert finding["severity"] == "stop_use"
    notice = must(firm.manager.get(f"/api/v1/notices/{finding['notice']}"))
    assert finding["title_en"] in notice["text_en"]
    assert notice["report_en"] != ""


def test_what_is_half_written_holds_the_departure(new_phone: NewPhone, firm: SmallFirm) -> None:
    """A finding that was begun and a part without a name are no part of the record: the way out shows them first."""
    phone = new_phone()
    visit = scan_in(phone, firm, HALF)
    answer_by_zone(phone, visit)
    answer_by_hand(phone, visit, "7.5")
    phone.go(f"visits/{visit}/finding")
    phone.page.locator("#finding-description").fill("Oil in the pit")
    phone.go(f"visits/{visit}/part")
    phone.page.locator("#part-fitted").fill("SN-1")
    phone.go(f"visits/{visit}/leave")
    phone.page.get_by_text("Half written").wait_for()
    assert phone.page.locator("a[href*='kind=departure']").count() == 0
    phone.page.get_by_text("Oil in the pit").click()
    phone.page.locator("form button[type=submit]").click()
    phone.page.wait_for_url(f"**/#/visits/{visit}")
    phone.go(f"visits/{visit}/leave")
    phone.page.get_by_text("SN-1").click()
    phone.page.locator("form button.danger").click()
    phone.page.wait_for_url(f"**/#/visits/{visit}")
    scan_out(phone, visit)
    phone.send()
    found = must(firm.manager.get(f"/api/v1/visits/{visit}"))
    assert [each["description"] for each in found["findings"]] == ["Oil in the pit"]
    assert parts_of(firm, visit) == []


def test_a_colleague_on_the_same_phone_signs_with_a_key_of_their_own(new_phone: NewPhone, firm: SmallFirm) -> None:
    """Signing out tells what is unsent; the colleague can do nothing in the other's name; both records arrive, once."""
    phone = new_phone()
    visit = scan_in(phone, firm, SHARED)
    wait_for(lambda: {entry["state"] for entry in phone.kept("entries")} == {"applied"})
    firm.stop_serving()
    answer_by_zone(phone, visit)
    phone.go("phone")
    phone.go(f"visits/{visit}")
    wait_for(lambda: "waiting" in {entry["state"] for entry in phone.kept("entries")})
    phone.go("phone")
    phone.page.get_by_role("button", name="Sign out").click()
    phone.page.get_by_text("only on this phone").wait_for()
    phone.page.get_by_text(f"Lift {SHARED + 1}").wait_for()
    phone.page.get_by_role("button", name="Sign out all the same").click()
    phone.page.locator("#login").wait_for()
    firm.serve_again()
    phone.sign_in("technician-2", PASSWORD)
    phone.go()
    phone.page.get_by_text("not enrolled yet").wait_for()
    assert phone.page.locator("section.here a[href*='#/visits/']").count() == 0
    phone.go("unsent")
    phone.page.get_by_text("another technician's").wait_for()
    phone.enrol(firm.invite(1))
    phone.sees(firm.label_sheet(SHARED))
    phone.go("scan?kind=join")
    phone.page.get_by_text("you are here as the second technician").wait_for()
    wait_for(lambda: [entry["state"] for entry in phone.kept("entries") if entry["kind"] == "join"] == ["applied"])
    assert "waiting" in {entry["state"] for entry in phone.kept("entries")}
    assert len({entry["phone"] for entry in phone.kept("entries")}) == 2
    phone.go("phone")
    phone.page.get_by_role("button", name="Sign out").click()
    phone.page.get_by_role("button", name="Sign out all the same").click()
    phone.page.locator("#login").wait_for()
    phone.sign_in("technician-1", PASSWORD)
    phone.send()
    phone.go(f"visits/{visit}")
    phone.page.locator(".zones").wait_for()
    assert len(must(firm.manager.get(f"/api/v1/visits/{visit}"))["answers"]) == ITEMS - 2


def test_the_last_room_of_a_phone_is_for_scans_and_answers(new_phone: NewPhone, firm: SmallFirm) -> None:
    """The browser still tells of gigabytes; photos are refused, and a whole visit is kept all the same and arrives."""
    phone = new_phone()
    visit = scan_in(phone, firm, FULL)
    phone.offline()
    usage = "navigator.storage.estimate().then((found) => found.usage)"
    wait_for(lambda: phone.page.evaluate(usage) > BALLAST_BYTES)
    used = phone.page.evaluate(usage)
    phone.close()
    phone.open()
    phone.offline()
    # Before the database is opened: an open one goes on for a while with the room that it was told of.
    devtools = phone.context.new_cdp_session(phone.page)
    devtools.send("Storage.overrideQuotaForOrigin", {"origin": phone.base_url, "quotaSize": used - BALLAST_BYTES // 2})
    answer_by_zone(phone, visit)
    answer_by_hand(phone, visit, "7.5")
    assert "nearly full" in photograph(phone, visit)
    scan_out(phone, visit)
    assert phone.page.get_by_text("not kept").count() == 0
    assert phone.kept("photos") == []
    phone.go("phone")
    phone.page.get_by_text("storage is nearly full").wait_for()
    devtools.send("Storage.overrideQuotaForOrigin", {"origin": phone.base_url})
    phone.offline(False)
    phone.send()
    assert len(must(firm.manager.get(f"/api/v1/visits/{visit}"))["answers"]) == ITEMS


def test_a_file_handed_over_is_there_once_also_when_the_phone_sends_later(new_phone: NewPhone, firm: SmallFirm) -> None:
    """The office takes record and photo from the file; the phone's own upload afterwards adds nothing."""
    phone = new_phone()
    phone.offline()
    visit = scan_in(phone, firm, HANDED)
    answer_by_zone(phone, visit)
    answer_by_hand(phone, visit, "7.5")
    assert photograph(phone, visit) == "The photo is kept"
    scan_out(phone, visit)
    phone.go("unsent")
    with phone.page.expect_download() as saved:
        phone.page.get_by_role("button", name="Make the file").click()
    content = saved.value.path().read_bytes()
    assert b"arrival" not in content
    taken = must(firm.manager.post("/api/v1/phones/handover", content=content, headers={"Content-Type": "application/jose"}))
    assert {result["state"] for result in taken["results"]} == {"applied"}
    phone.offline(False)
    phone.send()
    assert {entry["state"] for entry in phone.kept("entries")} <= {"duplicate", "applied"}
    assert [each["state"] for each in firm.visits() if each["id"] == visit] == ["finished"]


def test_a_server_that_is_down_for_an_hour_moves_no_time(new_phone: NewPhone, firm: SmallFirm) -> None:
    """The phone tries by itself and sends when the server is back; the record has the times of the visit, not of the upload."""
    phone = new_phone(clock=firm.now())
    firm.stop_serving()
    visit = scan_in(phone, firm, HOUR)
    answer_by_zone(phone, visit)
    answer_by_hand(phone, visit, "7.5")
    phone.wait(timedelta(minutes=20))
    scan_out(phone, visit)
    left = firm.now() + timedelta(minutes=20)
    phone.wait(HOUR_DOWN)
    firm.set_clock(HOUR_DOWN + timedelta(minutes=20))
    firm.serve_again()
    phone.wait(timedelta(minutes=6))
    phone.has_sent()
    summary = must(firm.manager.get(f"/api/v1/visits/{visit}"))["summary"]
    assert abs((datetime.fromisoformat(summary["departed_at"]) - left).total_seconds()) < 300, summary
    failed = [check["name"] for check in grade_of(firm, visit)["checks"] if check["outcome"] == "failed"]
    assert not {"time_bounded", "clock", "order", "chain"} & set(failed), failed
