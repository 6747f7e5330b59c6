"""Dated versions of a rule pack: what held on a day, what a version to come asks for, what is wrong with a history."""

from __future__ import annotations

from datetime import date, timedelta
from importlib import resources

import pytest

from planner.intervals.due import DueWindow, due_window
from planner.intervals.facts import ElevatorFacts
from planner.intervals.receipt import Receipt
from planner.intervals.rules import FaultyInputError, Library, UnknownPackError, parse_pack
from tests.support.intervals import FIXED, LAST, ON_DEMAND, ORDINARY, TODAY, WATCHED, days_later, with_facts


def text_of(name: str) -> str:
    return resources.files("planner.intervals").joinpath("packs", f"{name}.toml").read_text("utf-8")


def version(name: str, begins: date, *changes: tuple[str, str]) -> str:
    """The text of a pack as if it had been written for another day, with some of it changed."""
    head, found, tail = text_of(name).partition("effective_from = ")
    text = f"{head}{found}{begins}{tail[10:]}"
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def shorter(begins: date, days: int = 10) -> str:
    """The fixed pack from a day on, with a shorter gap between visits."""
    return version(FIXED, begins, ("days = 15", f"days = {days}"))


def library(**more: str) -> Library:
    texts = {FIXED: text_of(FIXED), ON_DEMAND: text_of(ON_DEMAND)}
    return Library(texts | {name.replace("_AT_", "@").replace("_", "-"): text for name, text in more.items()}, parse_pack)


def with_version(begins: date, days: int = 10) -> Library:
    return Library(
        {FIXED: text_of(FIXED), ON_DEMAND: text_of(ON_DEMAND), f"{FIXED}@{begins}": shorter(begins, days)}, parse_pack
    )


def computed(packs: Library, pack: str, facts: ElevatorFacts, today: date = TODAY) -> tuple[DueWindow, Receipt]:
    found = due_window(facts, packs.load(pack, today), today)
    assert found is not None
    return found


def faults(texts: dict[str, str]) -> list[str]:
    with pytest.raises(FaultyInputError) as caught:
        Library(texts, parse_pack).versions(FIXED)
    return [str(fault) for fault in caught.value.faults]


def test_a_day_is_judged_by_the_version_that_holds_on_it() -> None:
    packs = with_version(date(2027, 6, 1))
    assert packs.load(FIXED, date(2027, 5, 31)).visit_gap.days == 15
    assert packs.load(FIXED, date(2027, 6, 1)).visit_gap.days == 10
    assert packs.load(FIXED).visit_gap.days == 10
    assert [one.version for one in packs.versions(FIXED)] == [date(2017, 8, 1), date(2027, 6, 1)]


def test_a_day_before_the_first_version_is_judged_by_the_first_and_the_receipt_says_so() -> None:
    packs = library()
    assert packs.load(FIXED, date(2009, 1, 1)).version == date(2017, 8, 1)
    early = with_facts(ORDINARY, visits=(), registered_on=date(2017, 7, 1), in_use_since=None, agreement__starts_on=None)
    _, receipt = computed(packs, FIXED, early, date(2017, 7, 20))
    assert any("begins on 2017-08-01" in text.en for text in receipt.assumptions)


def test_a_change_of_the_base_is_a_version_of_what_is_built_on_it() -> None:
    packs = with_version(date(2027, 6, 1))
    before, after = packs.versions(ON_DEMAND)
    assert (before.version, before.fixed.visit_gap.days) == (date(2026, 11, 1), 15)
    assert (after.version, after.fixed.visit_gap.days, after.visit_gap.days) == (date(2027, 6, 1), 10, 30)


def test_an_old_window_and_its_receipt_are_the_same_after_a_later_version_came() -> None:
    """What was computed on a day is computed again on that day's rules, however often the pack has changed since."""
    then, receipt = computed(library(), FIXED, ORDINARY)
    again, receipt_again = computed(with_version(date(2027, 6, 1)), FIXED, ORDINARY)
    assert (then, receipt) == (again, receipt_again)


def test_a_receipt_cites_the_version_whose_limit_binds() -> None:
    packs = with_version(date(2026, 11, 1), 10)
    _, receipt = computed(packs, FIXED, ORDINARY)
    assert receipt.pack_version == date(2026, 11, 1)
    assert receipt.binding.cites.version == date(2026, 11, 1)
    assert receipt.last_day == days_later(10)


def test_a_shorter_gap_to_come_binds_from_its_first_day_on() -> None:
    """Seen on the 10th: 15 days allow the 25th, but from the 23rd on only 10 days may pass."""
    begins = LAST + timedelta(days=13)
    window, receipt = computed(with_version(begins, 10), FIXED, ORDINARY)
    assert window.last_day == begins - timedelta(days=1)
    assert receipt.binding.cites.version == begins
    assert f"holds from {begins}" in receipt.sentence.en


def test_a_shorter_gap_that_is_kept_anyway_moves_nothing_before_its_own_day() -> None:
    begins = LAST + timedelta(days=5)
    window, _ = computed(with_version(begins, 10), FIXED, ORDINARY, LAST + timedelta(days=2))
    assert window.last_day == days_later(10)


def test_a_version_that_begins_after_the_last_day_or_allows_more_moves_nothing() -> None:
    later, _ = computed(with_version(LAST + timedelta(days=16), 10), FIXED, ORDINARY)
    assert later.last_day == days_later(15)
    texts = {FIXED: shorter(date(2017, 8, 1), 10), f"{FIXED}@2026-11-19": version(FIXED, date(2026, 11, 19))}
    longer, _ = computed(Library(texts, parse_pack), FIXED, ORDINARY, date(2026, 11, 15))
    assert longer.last_day == days_later(10)


def test_a_scheme_that_ends_brings_its_elevators_back_by_its_last_day() -> None:
    ends = LAST + timedelta(days=20)
    ending = version(ON_DEMAND, date(2026, 11, 1), ("region =", f"effective_until = {ends}\nregion ="))
    packs = Library({FIXED: text_of(FIXED), ON_DEMAND: ending}, parse_pack)
    before, receipt = computed(packs, ON_DEMAND, WATCHED)
    assert (before.mode_effective, before.last_day) == ("on_demand", ends)
    assert receipt.binding.cites.pack == FIXED
    after, why = computed(packs, ON_DEMAND, WATCHED, ends + timedelta(days=1))
    assert after.mode_effective == "fixed"
    assert any(f"ended on {ends}" in reason.en for reason in why.mode.reasons)


def test_a_version_that_ends_with_a_gap_before_the_next_is_over_in_between() -> None:
    ending = version(ON_DEMAND, date(2026, 11, 1), ("region =", "effective_until = 2026-12-31\nregion ="))
    texts = {FIXED: text_of(FIXED), ON_DEMAND: ending, f"{ON_DEMAND}@2027-03-01": version(ON_DEMAND, date(2027, 3, 1))}
    days = [one.version for one in Library(texts, parse_pack).versions(ON_DEMAND)]
    assert days == [date(2026, 11, 1), date(2027, 1, 1), date(2027, 3, 1)]


def test_versions_whose_days_overlap_are_refused() -> None:
    ending = version(FIXED, date(2017, 8, 1), ("region =", "effective_until = 2027-06-10\nregion ="))
    assert faults({FIXED: ending, f"{FIXED}@2027-06-01": shorter(date(2027, 6, 1))}) == [
        f"{FIXED}.effective_until: is 2027-06-10, but {FIXED}@2027-06-01 holds from 2027-06-01: end it by the day before"
    ]


def test_all_faults_of_a_history_are_named_together() -> None:
    backwards = version(FIXED, date(2027, 6, 1), ("region =", "effective_until = 2027-05-01\nregion ="))
    found = faults({FIXED: text_of(FIXED), f"{FIXED}@2017-08-01": text_of(FIXED), f"{FIXED}@2027-06-02": backwards})
    assert any("the file says 2027-06-02" in fault for fault in found)
    assert any("one of the two can hold" in fault for fault in found)
    assert any("before effective_from 2027-06-01" in fault for fault in found)


def test_every_version_of_a_pack_is_checked_as_the_first_one_is() -> None:
    bad = version(FIXED, date(2027, 6, 1), ("most = 75_000", "most = 0"), ('source = "order-549"', 'source = "nowhere"'))
    assert any(fault.startswith("wear_budgets[0].most: must be 1 or more") for fault in faults(
        {FIXED: text_of(FIXED), f"{FIXED}@2027-06-01": bad}
    ))  # fmt: skip


def test_an_unknown_pack_is_named_with_those_there_are() -> None:
    with pytest.raises(UnknownPackError, match=r"no rule pack 'hk'; there are cn-fixed-15, cn-on-demand-30"):
        library().load("hk", TODAY)


def test_what_is_set_when_a_pack_is_read_cannot_be_written_in_it() -> None:
    text = text_of(FIXED).replace('region = "CN"', 'region = "CN"\nversion = 2020-01-01', 1)
    with pytest.raises(FaultyInputError, match="version: unknown field"):
        parse_pack(text, FIXED)
