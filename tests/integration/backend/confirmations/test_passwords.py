"""One-time passwords: to the register's number only, few, short-lived, and nowhere to be read but in the message."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import msgspec
import pytest

from backend import clock, database
from backend.confirmations import service
from backend.confirmations.limits import (
    COUNTED,
    MOST_SENT_OF_CLIENT,
    MOST_SENT_OF_NUMBER,
    MOST_SENT_OF_VISIT,
    MOST_WRONG,
    MOST_WRONG_OF_NUMBER,
    MOST_WRONG_OF_VISIT,
    PASSWORD_LIFE,
    RESEND_PAUSE,
)
from backend.confirmations.macs import macs_of
from backend.confirmations.views import Bar, Refused, State, Step
from backend.scope import SYSTEM
from backend.settings import Settings
from tests.support.confirming import another_than, finished_with_code, give_number, sent_password
from tests.support.visits import Workplace, value

HERE = "192.0.2.7"


async def check(settings: Settings, code: str, typed: str) -> Step:
    return await service.check_password(settings, code, typed, remember=False, client="A phone")


async def test_the_password_goes_to_the_number_in_the_register(settings: Settings, place: Workplace) -> None:
    _visit, code = await finished_with_code(place)
    assert (await service.send_password(settings, code, HERE)).refused is None
    assert await value("SELECT phone FROM message") == "+8613800138123"
    text = await value("SELECT text_zh FROM message_secret")
    assert await sent_password() in text
    assert "请勿告诉任何人，包括维保人员" in text
    opened = await service.opened(settings, code, [])
    assert (opened.state, opened.number_tail) == (State.SENT, "123")


async def test_the_right_digits_prove_the_number_once(settings: Settings, place: Workplace) -> None:
    _visit, code = await finished_with_code(place)
    await service.send_password(settings, code, HERE)
    password = await sent_password()
    step = await check(settings, code, f" {password[:3]} {password[3:]}")
    assert step.token
    assert (await service.opened(settings, code, [step.token])).state is State.SIGN
    assert (await check(settings, code, password)).refused is Refused.DEAD


async def test_nobody_but_the_number_can_read_the_password(settings: Settings, place: Workplace) -> None:
    """Every table that staff, backups and logs are made of, but for the message that waits for the gateway."""
    _visit, code = await finished_with_code(place)
    await service.send_password(settings, code, HERE)
    password = await sent_password()
    await check(settings, code, another_than(password))
    await check(settings, code, password)
    async with database.tx(SYSTEM):
        names = await database.fetch(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
            " AND table_name <> 'message_secret'"
        )
        for row in names:
            found = await database.fetch_value(
                f'SELECT count(*) FROM "{row["table_name"]}" t WHERE t::text ~ $1', rf"(^|[^0-9a-f.]){password}([^0-9a-f]|$)"
            )
            assert found == 0, row["table_name"]
    kept = await value("SELECT password_mac FROM one_time_password")
    assert macs_of(settings).password(password, str(await value("SELECT id FROM one_time_password"))) == kept


async def test_a_password_is_dead_after_five_minutes(settings: Settings, place: Workplace) -> None:
    _visit, code = await finished_with_code(place)
    await service.send_password(settings, code, HERE)
    password, sent = await sent_password(), clock.now()
    with clock.stopped_at(sent + PASSWORD_LIFE + timedelta(seconds=1)):
        assert (await check(settings, code, password)).refused is Refused.DEAD
        assert (await service.opened(settings, code, [])).state is State.ASK


async def test_a_password_is_dead_after_too_many_wrong_ones_although_the_right_one_follows(
    settings: Settings, place: Workplace
) -> None:
    _visit, code = await finished_with_code(place)
    await service.send_password(settings, code, HERE)
    password = await sent_password()
    steps = [await check(settings, code, another_than(password)) for _ in range(MOST_WRONG)]
    assert [step.left for step in steps] == [4, 3, 2, 1, 0]
    assert [step.refused for step in steps] == [Refused.WRONG] * 4 + [Refused.DEAD]
    assert (await check(settings, code, password)).refused is Refused.DEAD


async def test_guesses_at_the_same_time_count_each(settings: Settings, place: Workplace) -> None:
    _visit, code = await finished_with_code(place)
    await service.send_password(settings, code, HERE)
    wrong = another_than(await sent_password())
    steps = await asyncio.gather(*(check(settings, code, wrong) for _ in range(12)))
    assert sum(step.refused is Refused.WRONG for step in steps) == MOST_WRONG - 1
    assert await value("SELECT wrong FROM one_time_password") == MOST_WRONG


async def test_a_visit_is_locked_for_a_day_after_ten_wrong_passwords(settings: Settings, place: Workplace) -> None:
    _visit, code = await finished_with_code(place)
    start = clock.now()
    for attempt in range(MOST_WRONG_OF_VISIT // MOST_WRONG):
        with clock.stopped_at(start + attempt * (RESEND_PAUSE + timedelta(seconds=1))):
            assert (await service.send_password(settings, code, HERE)).refused is None
            wrong = another_than(await sent_password())
            for _ in range(MOST_WRONG):
                last = await check(settings, code, wrong)
    assert last.refused is Refused.LOCKED
    with clock.stopped_at(start + timedelta(hours=1)):
        opened = await service.opened(settings, code, [])
        assert (opened.state, opened.bar) == (State.BARRED, Bar.LOCKED)
        assert (await service.send_password(settings, code, HERE)).refused is Refused.LOCKED
    with clock.stopped_at(start + COUNTED + timedelta(minutes=5)):
        assert (await service.opened(settings, code, [])).state is State.ASK


async def test_many_visits_are_no_way_around_the_limit_of_a_number(settings: Settings, place: Workplace) -> None:
    """Four visits of one owner: after twenty wrong digits the number is locked for all, also for a fifth visit."""
    start, tried = clock.now(), 0
    for place_number in range(MOST_WRONG_OF_NUMBER // MOST_WRONG):
        _elevator, label = await place.another_elevator(unit_name=f"{place_number}")
        arrived = await place.arrive(label)
        await place.answer_all(arrived)
        await place.depart(arrived.summary.id, code=label)
        code = await service.make_code(place.technician, arrived.summary.id)
        assert (await service.send_password(settings, code, HERE)).refused is None
        wrong = another_than(await sent_password())
        for _ in range(MOST_WRONG):
            last, tried = await check(settings, code, wrong), tried + 1
    assert (tried, last.refused) == (MOST_WRONG_OF_NUMBER, Refused.LOCKED)
    _visit, code = await finished_with_code(place)
    with clock.stopped_at(start + timedelta(hours=2)):
        assert (await service.opened(settings, code, [])).bar is Bar.LOCKED


async def test_another_message_needs_a_pause_and_ends_the_password_before(settings: Settings, place: Workplace) -> None:
    _visit, code = await finished_with_code(place)
    start = clock.now()
    with clock.stopped_at(start):
        await service.send_password(settings, code, HERE)
        first = await sent_password()
        step = await service.send_password(settings, code, HERE)
        assert (step.refused, step.wait_s) == (Refused.TOO_SOON, 61)
    with clock.stopped_at(start + RESEND_PAUSE):
        assert (await service.send_password(settings, code, HERE)).refused is None
        second = await sent_password()
        if first != second:
            assert (await check(settings, code, first)).refused is Refused.WRONG
        assert (await check(settings, code, second)).token


async def test_sending_at_the_same_time_sends_once(settings: Settings, place: Workplace) -> None:
    _visit, code = await finished_with_code(place)
    steps = await asyncio.gather(*(service.send_password(settings, code, HERE) for _ in range(6)))
    assert [step.refused for step in steps].count(None) == 1
    assert await value("SELECT count(*) FROM message") == 1


async def test_a_visit_gets_few_messages_a_day(settings: Settings, place: Workplace) -> None:
    _visit, code = await finished_with_code(place)
    start, refused = clock.now(), []
    for attempt in range(MOST_SENT_OF_VISIT + 1):
        with clock.stopped_at(start + attempt * RESEND_PAUSE * 2):
            refused.append((await service.send_password(settings, code, HERE)).refused)
    assert refused == [None] * MOST_SENT_OF_VISIT + [Refused.TOO_MANY]


@pytest.mark.parametrize(
    ("column", "most"), [("number_mac", MOST_SENT_OF_NUMBER), ("client_mac", MOST_SENT_OF_CLIENT)], ids=["number", "client"]
)
async def test_a_number_and_an_address_get_a_limited_number_of_messages(
    settings: Settings, place: Workplace, column: str, most: int
) -> None:
    _visit, code = await finished_with_code(place)
    _elevator, label = await place.another_elevator()
    arrived = await place.arrive(label)
    await place.answer_all(arrived)
    await place.depart(arrived.summary.id, code=label)
    other = await service.make_code(place.technician, arrived.summary.id)
    assert (await service.send_password(settings, other, HERE)).refused is None
    macs = macs_of(settings)
    mac = macs.number("13800138123") if column == "number_mac" else macs.client(HERE)
    number = "$1" if column == "number_mac" else "'n'"
    client = "$1" if column == "client_mac" else "'c'"
    async with database.tx(SYSTEM):
        await database.execute(
            "INSERT INTO one_time_password (id, firm, owner, code, number_mac, client_mac, password_mac, sent_at, expires_at)"
            f" SELECT gen_random_uuid(), firm, owner, code, {number}, {client}, 'x', now(), now() FROM one_time_password,"
            " generate_series(2, $2)",
            mac,
            most,
        )
    assert (await service.send_password(settings, code, HERE)).refused is Refused.TOO_MANY


async def test_a_password_for_a_number_that_was_replaced_meanwhile_is_worth_nothing(
    settings: Settings, place: Workplace
) -> None:
    _visit, code = await finished_with_code(place)
    await service.send_password(settings, code, HERE)
    password = await sent_password()
    await give_number(place, "13700137999")
    step = await check(settings, code, password)
    assert (step.token, step.refused) == ("", Refused.DEAD)


async def test_without_a_gateway_nothing_is_sent_and_the_page_says_why(settings: Settings, place: Workplace) -> None:
    _visit, code = await finished_with_code(place)
    without = msgspec.structs.replace(settings, sms_url=None)
    opened = await service.opened(without, code, [])
    assert (opened.state, opened.bar) == (State.BARRED, Bar.NO_GATEWAY)
    await service.send_password(without, code, HERE)
    assert await value("SELECT count(*) FROM message") == 0
    trying = msgspec.structs.replace(without, message_file=settings.data_dir / "messages.jsonl")
    assert (await service.opened(trying, code, [])).state is State.ASK


async def test_the_trail_says_that_a_password_was_sent_and_mistyped(settings: Settings, place: Workplace) -> None:
    visit, code = await finished_with_code(place)
    await service.send_password(settings, code, HERE)
    await check(settings, code, another_than(await sent_password()))
    async with database.tx(SYSTEM):
        rows = await database.fetch(
            "SELECT action, subject, detail FROM audit_event WHERE action LIKE 'confirmation.password%' ORDER BY at, action"
        )
    assert [(row["action"], row["subject"], row["detail"]) for row in rows] == [
        ("confirmation.password_sent", str(visit), {"number": "…123"}),
        ("confirmation.password_wrong", str(visit), {"number": "…123"}),
    ]
