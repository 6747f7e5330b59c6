"""Quiet hours and mornings, by the firm's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from backend.messages.quiet import next_time, quiet_until
from backend.messages.routing import Reach, Target, masked_email, masked_phone, routes
from backend.messages.views import Channel, DeliveryState, Kind, Message, ToAccount

ZONE = "Asia/Shanghai"
HOUR = 3600
NIGHT = datetime(2026, 11, 26, 15, 30, tzinfo=UTC)  # 23:30 in Taizhou
ACCOUNT = "6f1c1e1e-0000-4000-8000-000000000001"


@pytest.mark.parametrize(
    ("hour", "from_h", "to_h", "until_h"),
    [(23, 22, 7, 7), (3, 22, 7, 7), (12, 22, 7, None), (13, 12, 14, 14), (22, 22, 7, 7), (7, 22, 7, None), (9, 9, 9, None)],
)
def test_quiet_hours_end_when_they_say_also_over_midnight(hour: int, from_h: int, to_h: int, until_h: int | None) -> None:
    at = datetime(2026, 11, 26, tzinfo=UTC) - timedelta(hours=8) + timedelta(hours=hour)
    until = quiet_until(at, from_h * HOUR, to_h * HOUR, ZONE)
    if until_h is None:
        assert until is None
        return
    assert until is not None
    assert (until + timedelta(hours=8)).hour == until_h
    assert timedelta(0) < until - at < timedelta(days=1)


def test_the_next_morning_is_a_wall_clocks_also_where_the_clock_changes() -> None:
    before = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)  # Berlin goes to summer time at 01:00 UTC
    assert next_time(before, 7 * HOUR, "Europe/Berlin") == datetime(2026, 3, 29, 5, 0, tzinfo=UTC)


def reach(**values: object) -> Reach:
    given: dict[str, object] = {
        "time_zone": ZONE, "quiet_from_s": 22 * HOUR, "quiet_to_s": 7 * HOUR, "phone": "13800000000", "email": "a@b.cn",
        "targets": [Target(id=ACCOUNT, channel=Channel.WEB_PUSH, name="Chrome")],  # type: ignore[arg-type]
    }  # fmt: skip
    return Reach(**(given | values))  # type: ignore[arg-type]


def message(**values: object) -> Message:
    given: dict[str, object] = {"to": ToAccount(ACCOUNT), "kind": Kind.PLAN, "title_zh": "x", "title_en": "x"}  # type: ignore[arg-type]
    return Message(**(given | values))  # type: ignore[arg-type]


def test_a_rescue_goes_at_once_by_every_way_at_night_and_a_plan_waits_for_the_morning() -> None:
    rescue = routes(message(kind=Kind.RESCUE, urgent=True), reach(digest=True, muted=["rescue"]), NIGHT)
    assert {route.channel for route in rescue} == {Channel.WEB_PUSH, Channel.SMS, Channel.EMAIL}
    assert {(route.state, route.due_at) for route in rescue} == {(DeliveryState.WAITING, NIGHT)}
    (plan,) = routes(message(), reach(), NIGHT)
    assert plan.due_at == datetime(2026, 11, 26, 23, 0, tzinfo=UTC)


def test_a_digest_holds_back_and_what_is_muted_is_not_sent() -> None:
    assert [route.state for route in routes(message(), reach(digest=True), NIGHT)] == [DeliveryState.DIGEST]
    assert routes(message(), reach(muted=["plan"]), NIGHT) == []


def test_a_code_goes_one_way_only_and_never_to_a_lock_screen() -> None:
    secret = message(kind=Kind.CODE, secret=True)
    assert [route.channel for route in routes(secret, reach(), NIGHT)] == [Channel.SMS]
    assert [route.channel for route in routes(secret, reach(phone=""), NIGHT)] == [Channel.EMAIL]
    assert routes(secret, reach(phone="", email=""), NIGHT) == []


@pytest.mark.parametrize("values", [{"kind": Kind.RESCUE, "urgent": True}, {"kind": Kind.CODE, "secret": True}])
def test_a_text_message_to_an_account_goes_to_the_number_with_its_country_and_is_shown_as_people_know_it(
    values: dict[str, object],
) -> None:
    (sms,) = [route for route in routes(message(**values), reach(phone="139 0000 1111"), NIGHT) if route.channel is Channel.SMS]
    assert sms.target == "+8613900001111"
    assert sms.shown == "139****1111"


def test_numbers_and_addresses_are_shown_in_part() -> None:
    assert masked_phone("13812345678") == "138****5678"
    assert masked_phone("12345") == "****2345"
    assert masked_email("wang@example.com") == "w***@example.com"
