"""The page behind the code in the car."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from random import Random

import httpx
import pytest

from backend import clock, database
from backend.keyfile import label_keys
from backend.labels import service
from backend.scope import SYSTEM, Role, of_firm
from backend.settings import Settings
from mobile_api.guesses import MOST_REFUSED
from mobile_api.pages.passenger import phone_digits
from qr import code, crockford, keys
from tests.support.factory import Factory
from tests.support.http import Site
from tests.support.labels import refused_counts
from tests.support.public_page import NOW, code_of, full_blown, hazard, put, visited, window

MOST_BYTES = 20_000
"""A page that loads where there is hardly a signal."""

ZH, EN = {"Accept-Language": "zh-CN,zh;q=0.9"}, {"Accept-Language": "en-GB"}


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    """It is noon on 25 November 2026 in Taizhou."""
    with clock.stopped_at(NOW):
        yield


class _Texts(HTMLParser):
    """What a reader sees, in the order of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.opened: list[tuple[str, dict[str, str | None]]] = []
        self._style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._style = tag == "style"
        self.opened.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        self._style = False

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._style:
            self.texts.append(" ".join(data.split()))


def seen(page: httpx.Response) -> str:
    parser = _Texts()
    parser.feed(page.text)
    return " ".join(parser.texts)


def transferred(page: httpx.Response) -> int:
    """Bytes of the answer with its headers."""
    return len(page.content) + sum(len(name) + len(value) + 4 for name, value in page.headers.raw)


async def plain_elevator(factory: Factory, settings: Settings, **values: object) -> str:
    firm = await factory.firm(name="Firm A", phone_24h="0576-12345678", rescue_phone="96333")
    elevator = await factory.elevator(firm, rescue_code="310234", inspection_due_on=date(2027, 6, 30), **values)
    await window(firm, elevator)
    return await code_of(settings, firm, elevator)


async def test_the_rescue_number_comes_first_then_the_code_to_tell_then_not_to_force_the_doors(
    http: Site, factory: Factory, settings: Settings
) -> None:
    text = await plain_elevator(factory, settings)
    page = await http.anybody(headers=EN).get(f"/e/{text}")
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    said = seen(page)
    body = said[said.index("Elevator") :]
    order = [body.index(word) for word in ("96333", "310234", "Do not force the doors", "Last maintenance visit", "Firm A")]
    assert order == sorted(order)
    assert page.text.index('href="tel:96333"') < page.text.index("<section")


async def test_the_page_tells_visits_class_mode_firm_inspection_and_hazards(
    http: Site, factory: Factory, settings: Settings
) -> None:
    firm = await factory.firm(name="Firm A", phone_24h="0576-12345678")
    elevator = await factory.elevator(firm, inspection_due_on=date(2027, 6, 30))
    await visited(factory, firm, elevator, datetime(2026, 11, 13, 3, tzinfo=UTC))
    await window(firm, elevator)
    await hazard(firm, elevator, 1, "general", "底坑有积水", "Water in the pit")
    text = await code_of(settings, firm, elevator)
    said = seen(await http.anybody(headers=EN).get(f"/e/{text}"))
    for fact in (
        "Fri, 13 Nov 2026", "12 days ago · Quarter maintenance", "Confirmed by the owner",
        "At the latest on Sat, 28 Nov 2026", "in 3 days · Half-month maintenance", "Two visits are at most 15 days apart",
        "Water in the pit", "since Wed, 25 Nov 2026", "At fixed intervals", "No remote monitor", "Wed, 30 Jun 2027", "Firm A",
        "0576-12345678", "In use. There is something to repair.",
    ):  # fmt: skip
        assert fact in said, fact
    said = seen(await http.anybody(headers=ZH).get(f"/e/{text}"))
    for fact in (
        "2026年11月13日 周五",
        "12 天前 · 季度维保",
        "使用单位已确认",
        "两次维保间隔不超过15日",
        "底坑有积水",
        "定期维保",
    ):
        assert fact in said, fact


async def test_the_day_of_a_published_round_is_told(http: Site, factory: Factory, settings: Settings) -> None:
    firm = await factory.firm()
    elevator = await factory.elevator(firm)
    await window(firm, elevator)
    run = await factory.row("plan_run", firm=firm, state="published", start_date=date(2026, 11, 25), days=5, time_limit_s=1,
                            snapshot_hash="x")  # fmt: skip
    crew = await factory.crew(firm)
    for day, state in ((24, "missed"), (27, "scheduled"), (26, "cancelled")):
        rounds = await factory.row("published_round", firm=firm, crew=crew, day=date(2026, 11, day), run=run, depart_s=28_800,
                                   return_s=61_200)  # fmt: skip
        await put("work_order", firm=firm, round=rounds, elevator=elevator, position=0, arrive_s=1, start_s=1, leave_s=2,
                  maintenance_class="half_month", due_first_day=date(2026, 11, 23), due_last_day=date(2026, 11, 28),
                  state=state)  # fmt: skip
    said = seen(await http.anybody(headers=EN).get(f"/e/{await code_of(settings, firm, elevator)}"))
    assert "Fri, 27 Nov 2026 in 2 days · Half-month maintenance At the latest on Sat, 28 Nov 2026" in said


async def test_a_visit_told_at_import_is_not_passed_off_as_recorded(http: Site, factory: Factory, settings: Settings) -> None:
    firm = await factory.firm()
    elevator = await factory.elevator(firm)
    await put("visit_done", firm=firm, elevator=elevator, visit=factory.fresh_id(), told=True,
                      maintenance_class="year", departed_at=datetime(2026, 11, 20, 16, tzinfo=UTC))  # fmt: skip
    said = seen(await http.anybody(headers=EN).get(f"/e/{await code_of(settings, firm, elevator)}"))
    assert "Sat, 21 Nov 2026 4 days ago · Year maintenance" in said
    assert "not recorded here with scans" in said
    assert "has not confirmed it yet" not in said


async def test_a_stopped_elevator_says_so_in_big(http: Site, factory: Factory, settings: Settings) -> None:
    text = await plain_elevator(factory, settings, state="stopped", state_reason="张三丰 said so")
    page = await http.anybody(headers=EN).get(f"/e/{text}")
    assert '<div class="stop" role="alert"><strong>Do not use</strong>' in page.text
    assert "In use" not in seen(page)
    assert "张三丰" not in page.text


async def test_what_the_office_noted_about_a_stop_is_not_public(http: Site, factory: Factory, settings: Settings) -> None:
    firm = await factory.firm(name="Firm A", phone_24h="0576-12345678", rescue_phone="96333")
    elevator = await factory.elevator(firm, state="stopped", state_reason="张三丰 said so")
    told = {"reason_zh": "电梯已停用（张三丰 said so）", "reason_en": "the elevator is stopped (张三丰 said so)"}
    await window(firm, elevator, paused=True, **told)
    text = await code_of(settings, firm, elevator)
    for headers in (ZH, EN):
        page = await http.anybody(headers=headers).get(f"/e/{text}")
        assert page.status_code == 200
        assert "张三丰" not in page.text
    assert "Before the elevator is used again" in seen(page)
    assert "张三丰" not in (await http.anybody().get(f"/api/v1/elevators/{text}/public")).text


async def test_an_on_demand_elevator_discloses_its_promise_its_items_and_why_it_fell_back(
    http: Site, factory: Factory, settings: Settings
) -> None:
    said = seen(await http.anybody(headers=EN).get(f"/e/{await full_blown(factory, settings)}"))
    for fact in (
        "Back to fixed intervals", "Monitoring offline for more than 24 hours (3)", "Monitor silent",
        "last data 2026-11-20 08:00", "A visit at least every 30 days", "11 visits", "people trapped 0 times",
        "longest time between two: 31 days", "What is done on site (31 items)", "every 15 days", "Inspection overdue",
        "Was due by Wed, 18 Nov 2026", "Overdue", "and 28 more",
    ):  # fmt: skip
        assert fact in said, fact


@pytest.mark.parametrize("headers", [ZH, EN], ids=["zh", "en"])
async def test_a_page_with_everything_on_it_is_one_answer_under_20_kb_without_script(
    http: Site, factory: Factory, settings: Settings, headers: dict[str, str]
) -> None:
    page = await http.anybody(headers=headers).get(f"/e/{await full_blown(factory, settings)}")
    assert page.status_code == 200
    assert transferred(page) < MOST_BYTES
    parser = _Texts()
    parser.feed(page.text)
    assert not {tag for tag, _ in parser.opened} & {"script", "img", "iframe", "object", "embed", "video", "audio"}
    assert [attrs["href"] for tag, attrs in parser.opened if tag == "link"] == ["data:,"]
    assert "url(" not in page.text
    assert "@import" not in page.text
    assert not any(name.startswith("on") for _, attrs in parser.opened for name in attrs)


@pytest.mark.parametrize("address", ["/e/{code}", "/api/v1/elevators/{code}/public"])
async def test_no_personal_data_is_told(http: Site, factory: Factory, settings: Settings, address: str) -> None:
    text = await full_blown(factory, settings)
    told = (await http.anybody().get(address.format(code=text))).text
    for secret in ("张三丰", "李四光", "王安全", "13800001111", "13800002222", "13900003333", "钥匙", "secret words"):
        assert secret not in told
    assert re.search(r"[AB][0-9a-f]{4}", told)  # badges are what the rules ask for


async def test_the_language_follows_the_browser_and_the_switch(http: Site, factory: Factory, settings: Settings) -> None:
    text = await plain_elevator(factory, settings)
    client = http.anybody()

    async def language_of(path: str, **headers: str) -> str:
        page = await client.get(path, headers=headers)
        client.cookies.clear()
        found = re.search(r'<html lang="([^"]+)"', page.text)
        assert found
        assert page.headers["content-language"] == found[1]
        return found[1]

    assert await language_of(f"/e/{text}", **ZH) == "zh-CN"
    assert await language_of(f"/e/{text}", **EN) == "en"
    assert await language_of(f"/e/{text}", **{"Accept-Language": "fr, en;q=0.5"}) == "en"
    assert await language_of(f"/e/{text}", **{"Accept-Language": "fr"}) == "zh-CN"
    assert await language_of(f"/e/{text}") == "zh-CN"
    assert await language_of(f"/e/{text}?lang=en", **ZH) == "en"
    assert await language_of(f"/e/{text}?lang=zh", **EN) == "zh-CN"
    page = await client.get(f"/e/{text}", headers=EN)
    assert 'href="?lang=zh"' in page.text


async def test_the_code_opens_however_it_is_typed(http: Site, factory: Factory, settings: Settings) -> None:
    text = await plain_elevator(factory, settings)
    short = code.parse(text).short_code
    client = http.anybody(headers=EN)
    for path in (
        f"/e/{text}", f"/E/{text}", f"/e/{text.lower()}", f"/E/{text}/", f"/e/{short}", f"/e/{short.lower()}",
        f"/e/{text.replace('-', '')}", f"/e/{short.replace('-', '%20')}", f"/e/%20{text}%20", f"/e/{text}?from=wechat",
        f"/e/{text.replace('0', 'O').replace('1', 'l')}",
    ):  # fmt: skip
        assert (await client.get(path)).status_code == 200, path
    printed = code.payload_url(code.parse(text), settings.public_url)
    assert (await client.get(printed)).status_code == 200


async def test_a_typed_code_is_taken_by_the_form(http: Site, factory: Factory, settings: Settings) -> None:
    text = await plain_elevator(factory, settings)
    client = http.anybody(headers=EN)
    empty = await client.get("/e")
    assert (empty.status_code, 'action="/e"' in empty.text, "tel:96333" in empty.text) == (200, True, True)
    typed = await client.get("/e", params={"code": f" {code.parse(text).short_code.lower()} "})
    assert (typed.status_code, typed.headers["location"]) == (303, f"/e/{text}")
    pasted = await client.get("/E", params={"code": f"HTTPS://OTHER.EXAMPLE/E/{text}"})
    assert pasted.headers["location"] == f"/e/{text}"
    wrong = await client.get("/e", params={"code": "https://evil.example/x?y"})
    assert wrong.headers["location"].startswith("/e/")
    assert (await client.get(wrong.headers["location"])).status_code == 404


async def test_head_answers_like_get_without_a_body(http: Site, factory: Factory, settings: Settings) -> None:
    text = await plain_elevator(factory, settings)
    client = http.anybody()
    for path in (f"/e/{text}", f"/api/v1/elevators/{text}/public", "/e/garbage", "/e"):
        got, head = await client.get(path), await client.head(path)
        assert (head.status_code, head.content) == (got.status_code, b""), path
        assert head.headers["content-length"] == got.headers["content-length"], path
        assert head.headers.get("etag") == got.headers.get("etag"), path


async def test_a_phone_that_has_the_page_is_told_so(http: Site, factory: Factory, settings: Settings) -> None:
    firm = await factory.firm()
    elevator = await factory.elevator(firm)
    await window(firm, elevator)
    text = await code_of(settings, firm, elevator)
    client = http.anybody(headers=EN)
    for path in (f"/e/{text}", f"/api/v1/elevators/{text}/public"):
        page = await client.get(path)
        again = await client.get(path, headers={"If-None-Match": page.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == page.headers["etag"]
        assert "stale-if-error=" in page.headers["cache-control"]
    page = await client.get(f"/e/{text}")
    other = await client.get(f"/e/{text}", headers={**ZH, "If-None-Match": page.headers["etag"]})
    assert other.status_code == 200
    await visited(factory, firm, elevator, datetime(2026, 11, 25, 3, tzinfo=UTC))
    changed = await client.get(f"/e/{text}", headers={"If-None-Match": page.headers["etag"]})
    assert (changed.status_code, "Wed, 25 Nov 2026 today" in seen(changed)) == (200, True)


async def test_the_page_needs_and_sets_no_cookie(http: Site, factory: Factory, settings: Settings) -> None:
    text = await plain_elevator(factory, settings)
    for path in (f"/e/{text}", "/e/garbage", "/e", f"/api/v1/elevators/{text}/public"):
        assert "set-cookie" not in (await http.anybody().get(path)).headers, path


async def test_a_technician_is_offered_to_begin_a_visit_and_nobody_else(
    http: Site, factory: Factory, settings: Settings
) -> None:
    firm = await factory.firm()
    elevator = await factory.elevator(firm)
    text = await code_of(settings, firm, elevator)
    technician, manager = await http.browser(Role.TECHNICIAN, firm), await http.browser(Role.MANAGER, firm)
    assert f'href="/work/arrive?code={text}"' in (await technician.get(f"/e/{text}")).text
    assert "/work/arrive" not in (await manager.get(f"/e/{text}")).text
    assert "/work/arrive" not in (await http.anybody().get(f"/e/{text}")).text


async def test_json_tells_the_same_as_the_page(http: Site, factory: Factory, settings: Settings) -> None:
    text = await full_blown(factory, settings)
    answer = await http.anybody().get(f"/api/v1/elevators/{text.lower()}/public")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["access-control-allow-origin"] == "*"
    told = answer.json()
    assert (told["code"], told["rescue_phone"], told["rescue_code"]) == (text, "96333", "310234")
    assert (told["last_visit"]["day"], told["last_visit"]["verified"]) == ("2026-11-03", True)
    assert (told["next_visit"]["last_day"], told["next_visit"]["overdue"]) == ("2026-11-18", True)
    assert (told["mode"]["registered"], told["mode"]["effective"], told["mode"]["fallen_back"]) == ("on_demand", "fixed", True)
    assert len(told["mode"]["on_demand"]["items"]) == 31
    assert told["monitor"]["state"] == "silent"
    assert told["inspection"] == {"due_on": "2026-11-01", "inspected_on": "2025-10-20", "overdue": True}
    assert len(told["hazards"]) == 40


async def test_every_code_that_opens_nothing_gets_a_plain_page_with_the_rescue_number_and_is_counted(
    http: Site, factory: Factory, settings: Settings
) -> None:
    ring = label_keys(settings)
    firm = await factory.firm(rescue_phone="96196")
    scope = of_firm(firm)
    revoked, replaced = (
        await service.mint(scope, ring, elevators=[await factory.elevator(firm)]),
        await service.mint(scope, ring, elevators=[await factory.elevator(firm)]),
    )
    [blank] = await service.mint(scope, ring, 1)
    await service.revoke(scope, ring, revoked[0].id, "stolen by 张三丰")
    await service.replace(scope, ring, replaced[0].id)
    forged = code.mint(keys.generate(secrets.token_bytes), secrets.token_bytes)
    short = code.mint(ring, secrets.token_bytes).short_code
    slip = ("1" if short[0] != "1" else "2") + short[1:]
    expected = {
        revoked[0].code: (410, "revoked", "This label is no longer valid", "此标签已作废"),
        replaced[0].code: (410, "replaced", "This label was replaced", "此标签已被更换"),
        blank.code: (404, "blank", "This label is not in use yet", "此标签尚未启用"),
        forged.text: (404, "wrong_mac", "This is not a genuine label", "此标签无法识别"),
        code.mint(ring, secrets.token_bytes).text: (404, "unknown", "This label is not in the record", "查不到此标签"),
        slip: (404, "check_failed", "This is not an elevator's code", "校验字符不符"),
        "garbage": (404, "malformed", "This is not an elevator's code", "这不是电梯标签编码"),
    }
    for text, (status, reason, en, zh) in expected.items():
        for headers, said in ((EN, en), (ZH, zh)):
            page = await http.anybody(headers=headers).get(f"/e/{text}")
            assert (page.status_code, said in seen(page)) == (status, True), (text, seen(page))
            assert 'href="tel:96196"' in page.text
            assert transferred(page) < MOST_BYTES
            assert "张三丰" not in page.text
        problem = await http.anybody(headers=EN).get(f"/api/v1/elevators/{text}/public")
        assert (problem.status_code, problem.json()["code"]) == (status, f"label_{reason}")
        assert problem.headers["content-type"].startswith("application/problem+json")
        assert (await refused_counts())[reason] == 3


async def test_no_text_after_e_is_a_mistake_of_ours(http: Site) -> None:
    client = http.anybody(headers=EN)
    odd = [
        "%00", "%ff%fe", "..%2f..%2fetc%2fpasswd", "%F0%9F%98%80", "<script>alert(1)</script>", "'; DROP TABLE label;--",
        "8" * 5_000, "%E2%80%AE", "{{7*7}}", "%25s%25n", "-" * 40, "HTTPS:%2F%2FX%2FE%2F", "%0d%0aSet-Cookie:x=1",
    ]  # fmt: skip
    for path in odd:
        for address in (f"/e/{path}", f"/api/v1/elevators/{path}/public"):
            answer = await client.get(address)
            assert answer.status_code == 404, address[:80]
            assert "<script>alert" not in answer.text or answer.headers["content-type"].startswith("application/problem+json")
            assert "set-cookie" not in answer.headers


async def test_a_thousand_mutated_codes_never_open_an_elevator_and_the_true_one_still_does(
    http: Site, factory: Factory, settings: Settings
) -> None:
    text = await plain_elevator(factory, settings)
    characters = text.replace("-", "")
    random = Random(7)  # noqa: S311 - repeatable on purpose
    client = http.anybody(headers=EN)
    statuses: list[int] = []
    for _ in range(1_000):
        mutated = list(characters)
        for place in random.sample(range(14), random.choice((1, 1, 2, 3))):
            mutated[place] = random.choice(crockford.ALPHABET.replace(mutated[place], ""))
        statuses.append((await client.get(f"/e/{''.join(mutated)}")).status_code)
    assert set(statuses) == {404, 429}
    assert statuses.index(429) == MOST_REFUSED
    assert (await client.get(f"/e/{text}")).status_code == 200
    assert (await refused_counts()) == {"wrong_mac": MOST_REFUSED}


async def test_who_tries_too_many_codes_waits_but_still_sees_the_rescue_number_and_genuine_labels(
    http: Site, factory: Factory, settings: Settings
) -> None:
    text = await plain_elevator(factory, settings)
    [blank] = await service.mint(of_firm(await factory.firm()), label_keys(settings), 1)
    client = http.anybody(headers=EN)
    for _ in range(MOST_REFUSED):
        await client.get("/api/v1/elevators/garbage/public")
    page, problem = await client.get("/e/garbage"), await client.get("/api/v1/elevators/garbage/public")
    assert (page.status_code, page.headers["retry-after"], "tel:96333" in page.text) == (429, "601", True)
    assert (problem.status_code, problem.json()["code"]) == (429, "too_many_attempts")
    assert (await client.get(f"/e/{text}")).status_code == 200
    assert (await client.get(f"/e/{blank.code}")).status_code == 404
    with clock.stopped_at(datetime(2026, 11, 25, 4, 10, 1, tzinfo=UTC)):
        assert (await client.get("/e/garbage")).status_code == 404


async def test_names_from_the_register_are_shown_as_text(http: Site, factory: Factory, settings: Settings) -> None:
    firm = await factory.firm(phone_24h='"><script>alert(1)</script>')
    site = await factory.site(firm, name="<img src=x onerror=alert(1)>")
    elevator = await factory.elevator(firm, site=site, rescue_code="<b>1</b>")
    page = await http.anybody().get(f"/e/{await code_of(settings, firm, elevator)}")
    assert "<script>alert" not in page.text
    assert "<img" not in page.text
    assert "&lt;img src=x" in page.text


async def test_a_scrapped_elevator_s_label_says_that_it_is_out_of_service_for_good(
    http: Site, factory: Factory, settings: Settings
) -> None:
    firm = await factory.firm()
    elevator = await factory.elevator(firm)
    text = await code_of(settings, firm, elevator)
    async with database.tx(SYSTEM):
        await database.execute("UPDATE elevator SET state = 'scrapped' WHERE id = $1", elevator)
    said = seen(await http.anybody(headers=EN).get(f"/e/{text}"))
    assert "taken out of service for good" in said
    assert "Next maintenance visit" not in said


async def test_one_who_has_no_rescue_code_tells_the_registration_code(http: Site, factory: Factory, settings: Settings) -> None:
    text = await plain_elevator(factory, settings, unit_name="PE 4")
    firm = await factory.firm(rescue_phone="911")
    elevator = await factory.elevator(firm, rescue_code="", registration_code="1P12345")
    said = seen(await http.anybody(headers=EN).get(f"/e/{await code_of(settings, firm, elevator)}"))
    assert "911 Tell them the registration code 1P12345" in said
    assert "PE 4" in seen(await http.anybody(headers=EN).get(f"/e/{text}"))


@pytest.mark.parametrize(
    ("phone", "link"),
    [
        ("0576-88880000", "057688880000"), ("+86 576 8888 0000", "+8657688880000"), ("96333", "96333"),
        ("(212) 555-0100 ext. 7", "2125550100"), ("0576-88880000/88880001", "057688880000"), ("", ""), ("call us", ""),
    ],
)  # fmt: skip
def test_a_phone_link_has_the_first_number_only(phone: str, link: str) -> None:
    assert phone_digits(phone) == link


async def test_refused_codes_are_in_the_metrics(http: Site) -> None:
    client = http.anybody()
    for _ in range(3):
        await client.get("/e/garbage")
    assert "\nliftrounds_codes_refused 3\n" in (await client.get("/metrics")).text


async def test_without_a_database_the_rescue_number_is_still_shown(http: Site, factory: Factory, settings: Settings) -> None:
    firm = await factory.firm(rescue_phone="96196")
    text = await code_of(settings, firm, await factory.elevator(firm))
    client = http.anybody(headers=EN)
    assert (await client.get(f"/e/{text}")).status_code == 200
    await database.disconnect()
    for path in (f"/e/{text}", "/e/garbage", "/e"):
        page = await client.get(path)
        assert page.status_code in (500, 503)
        assert 'href="tel:96196"' in page.text
        assert "Traceback" not in page.text
