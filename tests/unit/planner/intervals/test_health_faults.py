"""Faults of a pack's limits of data health are named with field and way out."""

from __future__ import annotations

from importlib import resources

import pytest

from planner.intervals.rules import FaultyInputError, load_pack, pack_ids, parse_pack
from tests.support.intervals import ON_DEMAND


def faults(old: str, new: str) -> list[str]:
    text = resources.files("planner.intervals").joinpath("packs", f"{ON_DEMAND}.toml").read_text("utf-8")
    assert old in text, old
    with pytest.raises(FaultyInputError) as caught:
        parse_pack(text.replace(old, new, 1), ON_DEMAND)
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("old", "new", "field", "said"),
    [
        ("worst_online = 0.8", "worst_online = 0.99", "worst_online", "more than least_online"),
        ("gap_hours = 24", "gap_hours = 361", "gap_hours", "more than within_days"),
        ('  "trips", "round_trips",', '  "trips", "trips",', "counters", "trips stands twice"),
        ("zero_chance = 0.0001", "zero_chance = 0", "zero_chance", ""),
        ("stuck_days = 2", "stuck_days = 0", "stuck_days", ""),
        ("frozen_hours = 72\n", "", "frozen_hours", "missing"),
    ],
)
def test_a_faulty_limit_is_named(old: str, new: str, field: str, said: str) -> None:
    [fault] = faults(old, new)

    assert fault.startswith(f"on_demand.data_health.{field}")
    assert said in fault


def test_a_pack_on_demand_without_limits_of_data_health_is_refused() -> None:
    text = resources.files("planner.intervals").joinpath("packs", f"{ON_DEMAND}.toml").read_text("utf-8")
    begin = text.index("[on_demand.data_health]")
    end = text.index("[[on_demand.conditions]]")
    with pytest.raises(FaultyInputError, match=r"on_demand\.data_health.*is missing"):
        parse_pack(text[:begin] + text[end:], ON_DEMAND)


def test_every_pack_on_demand_says_what_data_must_be_like() -> None:
    found = {pack.id: pack.on_demand for pack in map(load_pack, pack_ids())}

    assert all(rules.data_health is not None for rules in found.values() if rules is not None)
